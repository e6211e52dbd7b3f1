"""Forget codes, refresh tokens of clients and assertions that have long expired; a loop of the worker."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog

from cec_chassis.service import Runtime
from cec_identity.openid.store import forget_codes

EVERY_SECONDS = 3600.0
KEPT = timedelta(days=1)
"""A code that is presented again within a day is still recognised as a copy."""

log = structlog.get_logger(__name__)


async def forget_old_codes(runtime: Runtime, stop: asyncio.Event) -> None:
    """Once an hour, until stopped. Several workers doing it at once do no harm."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        async with database.transaction() as tx:
            forgotten = await forget_codes(tx, tx.now - KEPT)
        if forgotten:
            log.info("codes_forgotten", count=forgotten)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
