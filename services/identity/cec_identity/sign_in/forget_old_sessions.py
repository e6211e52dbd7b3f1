"""Forget sessions that have long been over, and everything about signing in whose time is over; a loop of the worker."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog

from cec_chassis.service import Runtime
from cec_identity.lockout.devices import forget_unused_devices
from cec_identity.lockout.store import forget_failures
from cec_identity.sign_in.challenges import forget_challenges
from cec_identity.sign_in.history import forget_history
from cec_identity.sign_in.store import forget_sessions

EVERY_SECONDS = 900.0
KEPT = timedelta(days=30)
"""Long enough to look into what happened; the audit log has the rest."""

log = structlog.get_logger(__name__)


async def forget_old_sessions(runtime: Runtime, stop: asyncio.Event) -> None:
    """Four times an hour, until stopped. Several workers doing it at once do no harm."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        async with database.transaction() as tx:
            forgotten = {
                "sessions": await forget_sessions(tx, KEPT),
                "challenges": await forget_challenges(tx),
                "failures": await forget_failures(tx),
                "devices": await forget_unused_devices(tx),
                "history": await forget_history(tx),
            }
        if any(forgotten.values()):
            log.info("sign_ins_forgotten", **forgotten)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
