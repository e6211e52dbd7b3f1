"""Forget applications that were rejected long ago; a loop of the worker."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from cec_chassis.database import Transaction
from cec_chassis.service import Runtime
from cec_identity.applications.domain import KEPT_AFTER_REJECTION
from cec_identity.applications.store import FORGET

EVERY_SECONDS = 3600.0

log = structlog.get_logger(__name__)


async def forget_rejected(tx: Transaction) -> int:
    """How many were removed; the audit log keeps that there was one and why it was rejected."""
    result = await tx.execute(FORGET, before=tx.now - KEPT_AFTER_REJECTION)
    return int(result.rowcount)


async def forget_rejected_applications(runtime: Runtime, stop: asyncio.Event) -> None:
    """Once an hour, until stopped. Several workers doing it at once do no harm."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        async with database.transaction() as tx:
            forgotten = await forget_rejected(tx)
        if forgotten:
            log.info("applications_forgotten", count=forgotten)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
