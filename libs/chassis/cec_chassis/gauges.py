"""How far behind we are, as gauges: outbox backlog and age, consumer lag, parked messages."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.service import Runtime
from cec_chassis.telemetry import GAUGES

EVERY_SECONDS = 5.0

MEASURE = """
SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS backlog,
       (SELECT coalesce(extract(epoch FROM now() - min(recorded_at)), 0) FROM outbox WHERE published_at IS NULL) AS oldest,
       (SELECT count(*) FROM parked_messages WHERE state = 'parked') AS parked
"""

log = structlog.get_logger(__name__)

backlog = GAUGES.last_value("cec.outbox.unpublished", unit="{event}", description="outbox rows not yet confirmed")
oldest = GAUGES.last_value("cec.outbox.oldest", unit="s", description="age of the oldest unpublished outbox row")
lag = GAUGES.last_value("cec.consumer.lag", unit="{message}", description="messages waiting in the service's queue")
parked = GAUGES.last_value("cec.messages.parked", unit="{message}", description="messages parked and undecided")


async def report_gauges(runtime: Runtime, stop: asyncio.Event) -> None:
    """Measures every five seconds until stopped; what cannot be measured now is measured next time."""
    database = runtime.database("gauges", 1)
    while not stop.is_set():
        try:
            await measure(runtime)
        except (SQLAlchemyError, OSError) as error:
            log.warning("gauges.postponed", error=repr(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
    await database.close()


async def measure(runtime: Runtime) -> None:
    """One measurement, now."""
    service = runtime.service.name
    async with runtime.database("gauges", 1).reading() as tx:
        row = await tx.one(MEASURE)
    backlog.set(row.backlog, service=service)
    oldest.set(float(row.oldest), service=service)
    parked.set(row.parked, service=service)
    if runtime.bus_worker.depths.waiting is not None:
        lag.set(runtime.bus_worker.depths.waiting, service=service)
