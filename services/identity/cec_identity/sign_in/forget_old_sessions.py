"""Forget sessions that have long been over; a loop of the worker."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog

from cec_chassis.service import Runtime
from cec_identity.sign_in.store import forget_sessions

EVERY_SECONDS = 3600.0
KEPT = timedelta(days=30)
"""Long enough to look into what happened; the audit log has the rest."""

log = structlog.get_logger(__name__)


async def forget_old_sessions(runtime: Runtime, stop: asyncio.Event) -> None:
    """Once an hour, until stopped. Several workers doing it at once do no harm."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        async with database.transaction() as tx:
            forgotten = await forget_sessions(tx, KEPT)
        if forgotten:
            log.info("sessions_forgotten", count=forgotten)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
