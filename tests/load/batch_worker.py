"""The part of credits' worker that answers batches, as a process of its own: `python -m tests.load.batch_worker URL`."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from cec_chassis.clock import SystemClock
from cec_chassis.service import Runtime
from cec_chassis.settings import ServiceSettings
from cec_credits.batch.loop import keep_answering_batches
from cec_credits.service import SERVICE


async def main(url: str) -> None:
    settings = ServiceSettings(service="credits", database_url=url, amqp_url="amqp://127.0.0.1:1/")
    await keep_answering_batches(Runtime(SERVICE, settings, SystemClock()), asyncio.Event())


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
