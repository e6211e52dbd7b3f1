"""Reconciles a sample every minute for as long as the worker lives."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.service import Runtime
from cec_credits.recalculation.reconcile import reconcile
from cec_credits.rulesets.edition import PublishedRules

EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)


async def keep_reconciling(runtime: Runtime, stop: asyncio.Event) -> None:
    """Any number of replicas may run; one of them does it."""
    rules = PublishedRules()
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
            return
        try:
            await reconcile(runtime.database("reconciliation", 1), rules)
        except (SQLAlchemyError, OSError) as error:
            log.warning("reconciliation.postponed", error=repr(error))
