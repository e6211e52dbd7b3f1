"""Gauges of waiting and failed mails, and the end of old ones; loops of the worker."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.service import Runtime
from cec_chassis.telemetry import GAUGES
from cec_identity.mail.domain import KEPT
from cec_identity.mail.queries import mail_counts
from cec_identity.mail.store import forget_mails

MEASURED_EVERY_SECONDS = 15.0
FORGOTTEN_EVERY_SECONDS = 3600.0

log = structlog.get_logger(__name__)

mails = GAUGES.last_value("cec.mails", unit="{mail}", description="mails that wait, failed or bounced, by state")


async def measure_mails(runtime: Runtime, stop: asyncio.Event) -> None:
    """Four times a minute, until stopped."""
    database = runtime.database("gauges", 1)
    while not stop.is_set():
        try:
            async with database.reading() as tx:
                counts = await mail_counts(tx)
        except (SQLAlchemyError, OSError) as error:
            log.warning("gauges.postponed", error=repr(error))
        else:
            mails.set(counts.waiting + counts.sending, state="waiting")
            mails.set(counts.failed, state="failed")
            mails.set(counts.bounced, state="bounced")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), MEASURED_EVERY_SECONDS)


async def forget_old_mails(runtime: Runtime, stop: asyncio.Event) -> None:
    """Once an hour, until stopped. Several workers doing it at once do no harm."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        async with database.transaction() as tx:
            forgotten = await forget_mails(tx, KEPT)
        if forgotten:
            log.info("mails_forgotten", count=forgotten)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), FORGOTTEN_EVERY_SECONDS)
