"""Forget activations and links of recovery that are long over, with their names and addresses; a loop of the worker."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog

from cec_chassis.database import Transaction
from cec_chassis.service import Runtime
from cec_identity.activation.domain import LINK_LIFETIME, TICKET_LIFETIME
from cec_identity.recovery.store import forget_links

EVERY_SECONDS = 3600.0
KEPT = timedelta(days=30)
"""After it could last have come to anything; what became of it stands in the audit log."""

log = structlog.get_logger(__name__)


async def forget_activations(tx: Transaction) -> int:
    """How many were removed. Those that opened an account go as well: account, profile and consent say the rest."""
    before = tx.now - KEPT - TICKET_LIFETIME - LINK_LIFETIME
    result = await tx.execute("DELETE FROM activations WHERE started_at < :before", before=before)
    return int(result.rowcount)


async def forget_old_activations(runtime: Runtime, stop: asyncio.Event) -> None:
    """Once an hour, until stopped. Several workers doing it at once do no harm."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        async with database.transaction() as tx:
            forgotten = await forget_activations(tx) + await forget_links(tx, KEPT)
        if forgotten:
            log.info("activations_and_links_forgotten", count=forgotten)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
