"""A loop of the worker: takes away what nobody may keep any longer and no other loop sees to."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.database import Transaction
from cec_chassis.service import Runtime
from cec_identity.personal_data.retention import CLOSED_ACCOUNTS

EVERY_SECONDS: Final = 3600.0
STEP: Final = 500
FORGET_PROFILES = """
UPDATE account_profiles AS p SET
    person_name = '', email = NULL, email_key = NULL, email_verified_at = NULL, backup_email = NULL, phone = NULL,
    job_title = NULL, version = p.version + 1, changed_at = :now
WHERE account_id IN (
    SELECT a.id FROM accounts a JOIN account_profiles q ON q.account_id = a.id
    WHERE NOT a.active AND a.changed_at < :before
      AND (q.person_name <> '' OR q.email IS NOT NULL OR q.backup_email IS NOT NULL OR q.phone IS NOT NULL)
    ORDER BY a.id LIMIT :step FOR UPDATE OF q SKIP LOCKED)
RETURNING account_id
"""
FORGET_EMAIL_CHANGES = "DELETE FROM email_changes WHERE expires_at <= :now"

log = structlog.get_logger(__name__)


async def enforce_retention(runtime: Runtime, stop: asyncio.Event) -> None:
    """Once an hour, until stopped. Several workers doing it at once do no harm."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        try:
            async with database.transaction() as tx:
                await tx.execute(FORGET_EMAIL_CHANGES, now=tx.now)
                forgotten = await forget_profiles(tx)
            if forgotten:
                log.info("profiles_forgotten", count=forgotten)
            if forgotten == STEP:
                continue
        except (SQLAlchemyError, OSError) as error:
            log.warning("retention.interrupted", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


async def forget_profiles(tx: Transaction) -> int:
    """Names and addresses of accounts that were closed long enough ago. The account stays: decisions name it."""
    rows = await tx.all(FORGET_PROFILES, now=tx.now, before=tx.now - CLOSED_ACCOUNTS, step=STEP)
    for row in rows:
        tx.audit("account.profile_forgotten", subject_type="account", subject_id=row.account_id, reason="retention")
    return len(rows)
