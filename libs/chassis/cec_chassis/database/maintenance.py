"""What must be thrown away in time: inbox rows older than any redrive, and answers kept for repeated commands."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.database.engine import Database

EVERY_SECONDS = 3600.0
STEP = 5_000

FORGET_INBOX = """
DELETE FROM inbox WHERE ctid IN (
    SELECT ctid FROM inbox WHERE received_at < now() - interval '90 days' LIMIT :step)
"""
FORGET_ANSWERS = """
DELETE FROM idempotency_keys WHERE ctid IN (
    SELECT ctid FROM idempotency_keys WHERE created_at < now() - interval '7 days' LIMIT :step)
"""

log = structlog.get_logger(__name__)


async def maintain(database: Database, stop: asyncio.Event) -> None:
    """Hourly, in small steps, so that no step holds locks for long."""
    while not stop.is_set():
        try:
            for statement in (FORGET_INBOX, FORGET_ANSWERS):
                while await _step(database, statement) == STEP and not stop.is_set():
                    await asyncio.sleep(0.05)
        except (SQLAlchemyError, OSError) as error:
            log.warning("maintenance.postponed", error=repr(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


async def _step(database: Database, statement: str) -> int:
    async with database.transaction() as tx:
        return (await tx.execute(statement, step=STEP)).rowcount
