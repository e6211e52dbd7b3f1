"""How far behind we are, as gauges: outbox backlog and age, consumer lag, parked messages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.parts import survives
from cec_chassis.service import Runtime
from cec_chassis.telemetry import GAUGES

EVERY_SECONDS = 5.0

OUTBOX = """
SELECT count(*) AS backlog, coalesce(extract(epoch FROM now() - min(recorded_at)), 0) AS oldest
FROM outbox WHERE published_at IS NULL
"""
PARKED = "SELECT count(*) AS parked FROM parked_messages WHERE state = 'parked'"

log = structlog.get_logger(__name__)

backlog = GAUGES.last_value("cec.outbox.unpublished", unit="{event}", description="outbox rows not yet confirmed")
oldest = GAUGES.last_value("cec.outbox.oldest", unit="s", description="age of the oldest unpublished outbox row")
lag = GAUGES.last_value("cec.consumer.lag", unit="{message}", description="messages waiting in the service's queue")
parked = GAUGES.last_value("cec.messages.parked", unit="{message}", description="messages parked and undecided")


class Measure(Protocol):
    """One look, put into gauges."""

    __name__: str

    def __call__(self, runtime: Runtime, /) -> Awaitable[None]:
        """Look."""
        ...


async def measure_outbox(runtime: Runtime) -> None:
    """What the relay has yet to send."""
    async with runtime.database("gauges", 1).reading() as tx:
        row = await tx.one(OUTBOX)
    backlog.set(row.backlog, service=runtime.service.name)
    oldest.set(float(row.oldest), service=runtime.service.name)


async def measure_consumer(runtime: Runtime) -> None:
    """What waits for the consumer, and what waits for a person. The lag is as old as the worker's last look."""
    async with runtime.database("gauges", 1).reading() as tx:
        parked.set((await tx.one(PARKED)).parked, service=runtime.service.name)
    if runtime.bus_worker.depths.waiting is not None:
        lag.set(runtime.bus_worker.depths.waiting, service=runtime.service.name)


async def report(measure: Measure, runtime: Runtime, stop: asyncio.Event) -> None:
    """Measures every five seconds until stopped; what cannot be measured now is measured next time.

    A fault of ours in measuring is told with its stack, and ends nothing: gauges are there for the others.
    """
    while not stop.is_set():
        try:
            await measure(runtime)
        except (SQLAlchemyError, OSError) as error:
            log.warning("gauges.postponed", error=repr(error))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - told, and survived
            survives(measure.__name__, runtime.service.name, error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
