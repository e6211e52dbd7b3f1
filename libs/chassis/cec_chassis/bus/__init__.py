"""RabbitMQ: topology, confirmed publishing, consuming in batches, retry and parking. Each trap of the client library
that loses messages silently is avoided here, and a test in tests/integration/bus shows it."""
