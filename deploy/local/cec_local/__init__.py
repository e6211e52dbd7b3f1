"""The embedded local stack: PostgreSQL, RabbitMQ and nginx as private processes of one checkout.

`make demo`, `make run` and the test fixtures all use it. Everything it starts listens on 127.0.0.1 only,
keeps its data under `.local/` and ends with the process that started it, however that process ends.
"""
