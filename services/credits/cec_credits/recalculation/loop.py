"""Keeps recalculating for as long as the worker lives, and looks once a minute for what a new day changes."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.database import Database
from cec_chassis.service import Runtime
from cec_credits.recalculation.lanes import BULK, SINGLES, Lane
from cec_credits.recalculation.recalculate import DUE_BATCH, mark_due, recalculate_marked
from cec_credits.rulesets.edition import PublishedRules, Rules
from cec_credits.rulesets.mark_affected import mark_affected

POLL_SECONDS = 0.25
DUE_SECONDS = 60.0
RULES_SECONDS = 1.0
SIDE_BY_SIDE = 2

log = structlog.get_logger(__name__)


async def keep_recalculating(runtime: Runtime, stop: asyncio.Event) -> None:
    """Any number of replicas may run; marks are claimed with SKIP LOCKED."""
    rules = PublishedRules()
    database = runtime.database("recalculation", SIDE_BY_SIDE + 1)
    turn = asyncio.Lock()
    """Batches of two lanes that share one processor would only slow each other down: a single fact waits for the end of one
    batch of an import, and then for nothing."""

    async def singles() -> None:
        async with turn:
            await drain_singles(database, rules, stop)
        await SINGLES.work_or_timeout(POLL_SECONDS)

    async def bulk() -> None:
        async with turn:
            full = await _is_full(database, rules, BULK)
        if not full:
            await BULK.work_or_timeout(POLL_SECONDS)

    async with asyncio.TaskGroup() as group:
        for step in (singles, bulk, _Calendar(database, stop).look):
            group.create_task(_repeat(step, stop))


async def drain(database: Database, rules: Rules, stop: asyncio.Event) -> None:
    """Until nothing is marked that no open transaction holds. A batch that is not full was the last one of its lane."""
    await drain_singles(database, rules, stop)
    while not stop.is_set() and await _is_full(database, rules, BULK):
        pass


async def drain_singles(database: Database, rules: Rules, stop: asyncio.Event, lane: Lane = SINGLES) -> None:
    """After a full batch two work side by side: while one waits for the database the other computes."""

    async def empty() -> None:
        while not stop.is_set() and await _is_full(database, rules, lane):
            pass

    if await _is_full(database, rules, lane):
        ended = await asyncio.gather(*(empty() for _ in range(SIDE_BY_SIDE)), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error  # only when nobody works any more


async def _is_full(database: Database, rules: Rules, lane: Lane) -> bool:
    return (await recalculate_marked(database, rules, lane)).claimed == lane.batch


class _Calendar:
    """What the passing of time and a publication of rules mark."""

    def __init__(self, database: Database, stop: asyncio.Event) -> None:
        self._database = database
        self._stop = stop
        self._due_at = 0.0

    async def look(self) -> None:
        if time.monotonic() >= self._due_at and await mark_due(self._database) < DUE_BATCH:
            self._due_at = time.monotonic() + DUE_SECONDS
        await mark_affected(self._database, self._stop)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), RULES_SECONDS)


async def _repeat(step: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """A database that is away is waited for, longer each time."""
    failures = 0
    while not stop.is_set():
        try:
            await step()
            failures = 0
        except (SQLAlchemyError, OSError) as error:
            failures = min(failures + 1, 6)
            log.warning("recalculation.interrupted", error=repr(error))
            await asyncio.sleep(random.uniform(0.05, 0.1 * 2**failures))  # noqa: S311 - jitter, no secret
