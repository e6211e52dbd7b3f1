"""Keeps recalculating for as long as the worker lives, and looks once a minute for what a new day changes."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.database import Database
from cec_chassis.service import Runtime
from cec_credits.recalculation.lanes import LANES, Lane
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
    batch of an import, and then for nothing. Whoever waits for the turn gets it next, so neither lane starves the other."""

    def of(lane: Lane) -> Callable[[], Awaitable[None]]:
        rounds = Rounds(database, rules, lane)

        async def step() -> None:
            async with turn:
                more = await rounds.next()
            if not more:
                await lane.work_or_timeout(POLL_SECONDS)

        return step

    async with asyncio.TaskGroup() as group:
        for step in (*map(of, LANES), _Calendar(database, stop).look):
            group.create_task(_repeat(step, stop))


async def drain(database: Database, rules: Rules, stop: asyncio.Event, lanes: Sequence[Lane] = LANES) -> None:
    """Until nothing is marked that no open transaction holds."""
    for lane in lanes:
        rounds = Rounds(database, rules, lane)
        while not stop.is_set() and await rounds.next():
            pass


class Rounds:
    """What one lane works in at each turn: a batch, and after a full one of single facts two side by side, of which one
    computes while the other waits for the database."""

    def __init__(self, database: Database, rules: Rules, lane: Lane) -> None:
        self._database = database
        self._rules = rules
        self._lane = lane
        self._more = False

    async def next(self) -> bool:
        """Whether more waits: a batch that is not full was the last one of its lane."""
        batches = SIDE_BY_SIDE if self._more and not self._lane.in_bulk else 1
        self._more = False
        ended = await asyncio.gather(*(self._batch() for _ in range(batches)), return_exceptions=True)
        for each in ended:
            if isinstance(each, BaseException):
                raise each  # only when nobody works any more
        self._more = all(ended)
        return self._more

    async def _batch(self) -> bool:
        return (await recalculate_marked(self._database, self._rules, self._lane)).claimed == self._lane.batch


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
