"""Keeps recalculating for as long as the worker lives, and looks once a minute for what a new day changes."""

from __future__ import annotations

import asyncio
import random
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.database import Database
from cec_chassis.service import Runtime
from cec_credits.recalculation.recalculate import BATCH, DUE_BATCH, mark_due, recalculate_marked
from cec_credits.recalculation.signal import work_or_timeout
from cec_credits.rulesets.edition import PublishedRules, Rules
from cec_credits.rulesets.mark_affected import mark_affected

POLL_SECONDS = 0.25
COALESCE_SECONDS = 0.02
"""A roster file arrives as many small batches; a blink of waiting makes one recalculation of several of them."""
DUE_SECONDS = 60.0
RULES_SECONDS = 1.0

log = structlog.get_logger(__name__)


async def keep_recalculating(runtime: Runtime, stop: asyncio.Event) -> None:
    """Any number of replicas may run; marks are claimed with SKIP LOCKED."""
    rules = PublishedRules()
    database = runtime.database("recalculation", 1)
    failures = 0
    due_at = rules_at = 0.0
    while not stop.is_set():
        try:
            if time.monotonic() >= due_at and await mark_due(database) < DUE_BATCH:
                due_at = time.monotonic() + DUE_SECONDS
            if time.monotonic() >= rules_at:
                await mark_affected(database, stop)
                rules_at = time.monotonic() + RULES_SECONDS
            await drain(database, rules, stop)
            failures = 0
        except (SQLAlchemyError, OSError) as error:
            failures = min(failures + 1, 6)
            log.warning("recalculation.interrupted", error=repr(error))
            await asyncio.sleep(random.uniform(0.05, 0.1 * 2**failures))  # noqa: S311 - jitter, no secret
            continue
        await work_or_timeout(POLL_SECONDS)
        await asyncio.sleep(COALESCE_SECONDS)


async def drain(database: Database, rules: Rules, stop: asyncio.Event) -> None:
    """Until nothing is marked that no open transaction holds. A batch that is not full was the last one."""
    while not stop.is_set():
        if (await recalculate_marked(database, rules, BATCH)).claimed < BATCH:
            return
