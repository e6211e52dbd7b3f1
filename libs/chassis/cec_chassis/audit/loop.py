"""The sealer as a part of every service's worker, and the gauge of how far behind it is."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.audit.heads import tell_head
from cec_chassis.audit.seal import BATCH, seal_some
from cec_chassis.service import Runtime
from cec_chassis.telemetry import GAUGES

EVERY_SECONDS: Final = 1.0
TELL_EVERY: Final = timedelta(minutes=10)

log = structlog.get_logger(__name__)

unsealed = GAUGES.last_value("cec.audit.unsealed", unit="s", description="age of the oldest audit row without a seal")

OLDEST = "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0) AS age FROM audit_unsealed"


async def keep_sealing(runtime: Runtime, stop: asyncio.Event, *, every: float = EVERY_SECONDS) -> None:
    """Until stopped; what cannot be sealed now is sealed later. A head is told ten minutes after the last one."""
    database, service = runtime.database("audit", 1), runtime.service
    next_telling = runtime.clock.now() + TELL_EVERY
    while not stop.is_set():
        sealed = 0
        try:
            sealed = await seal_some(database) or 0
            if runtime.clock.now() >= next_telling:
                not_before = runtime.clock.now() - TELL_EVERY
                await tell_head(database, service.name, service.audit_head, not_before)
                next_telling = runtime.clock.now() + TELL_EVERY / 10
        except (SQLAlchemyError, OSError) as error:
            log.warning("audit.sealing_postponed", service=service.name, error=repr(error))
        if sealed < BATCH:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)


async def measure_audit(runtime: Runtime) -> None:
    """How long the oldest row has waited for its seal."""
    async with runtime.database("gauges", 1).reading() as tx:
        unsealed.set(float(await tx.scalar(OLDEST)), service=runtime.service.name)
