"""Forget spent proofs and attempts whose time is over; a loop of the worker."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from cec_chassis.service import Runtime
from cec_identity.proof_of_work.store import forget_expired

EVERY_SECONDS = 600.0

log = structlog.get_logger(__name__)


async def forget_spent_proofs(runtime: Runtime, stop: asyncio.Event) -> None:
    """Every ten minutes, until stopped. Several workers doing it at once do no harm."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        async with database.transaction() as tx:
            forgotten = await forget_expired(tx)
        if forgotten:
            log.info("spent_proofs_forgotten", count=forgotten)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
