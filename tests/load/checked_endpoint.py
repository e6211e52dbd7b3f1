"""One route twice, as a service has it: behind the check of a token, and open to anybody."""

from __future__ import annotations

import asyncio
import os
import signal

import uvloop
from litestar import get

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_chassis.http import Role, allow, create_service_app, public
from cec_chassis.http.server import serve
from cec_chassis.settings import ServiceSettings

ANSWER: dict[str, object] = {"status": "here", "items": [1, 2, 3]}


@get("/checked", guards=[allow(Role.PRACTITIONER)])
async def checked() -> dict[str, object]:
    return ANSWER


@get("/open", **public)
async def unchecked() -> dict[str, object]:
    return ANSWER


async def main() -> None:
    clock = SystemClock()
    url = os.environ["CHECKED_DATABASE_URL"]
    settings = ServiceSettings(service="bench", database_url=url, amqp_url="amqp://127.0.0.1:1/")
    database = Database(url, clock)
    app = create_service_app(settings, [checked, unchecked], title="Bench", database=database, clock=clock)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(app, "127.0.0.1", int(os.environ["CHECKED_PORT"]), stop)
    await database.close()


if __name__ == "__main__":
    uvloop.run(main())
