"""``cec_credits rebuild``: the whole run, in one process or several, with its progress."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_credits.recalculation.rebuild import process, tables
from cec_credits.rulesets.edition import PublishedRules, Rules

STRETCH = 250
"""Practitioners in one transaction: some megabytes, and a quarter of a second."""
TELL_SECONDS = 2.0
SWITCH_TRIES = 6

LOCK = "SELECT pg_try_advisory_lock(hashtextextended('cec_credits.rebuild', 4))"
PROGRESS = """
SELECT count(*) AS chunks, count(done_at) AS done, coalesce(sum(standings), 0) AS standings,
       coalesce(sum(failed), 0) AS failed
FROM rebuild_chunks
"""

log = structlog.get_logger(__name__)


class RebuildRunning(Exception):
    """Somebody else rebuilds; two at once would overwrite one another."""


class RebuildFailed(Exception):
    """A process ended before its work was done; everything stands as it did before."""


class Progress(msgspec.Struct, frozen=True):
    """How far it has come."""

    chunks: int
    done: int
    standings: int
    failed: int


class Result(msgspec.Struct, frozen=True):
    """What was built. `differing` standings are marked: recalculation tells the news of each."""

    standings: int
    failed: int
    differing: int
    seconds: float


Tell = Callable[[Progress], None]


async def rebuild(
    database: Database, rules: Rules | None = None, *, processes: int = 1, size: int = STRETCH, tell: Tell | None = None
) -> Result:
    """Computes every standing anew and switches. Live work goes on; readers wait for the moment of the switch only.

    With one process the work is done here, by `rules` if they are given; several are processes of their own.

    Raises:
        RebuildRunning, RebuildFailed.
    """
    begun = time.monotonic()
    async with _alone(database):
        async with database.transaction() as tx:
            await tables.begin(tx, size)
        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(_keep_telling(database, tell))
                await (
                    process.compute_all(database, rules or PublishedRules())
                    if processes == 1
                    else _spread(database, processes)
                )
                telling.cancel()
            done = await _all_done(database)
            differing = await _put_in_place(database)
        except BaseException:
            async with database.transaction() as tx:
                await tables.abandon(tx)
            raise
    return Result(done.standings, done.failed, differing, time.monotonic() - begun)


async def _spread(database: Database, processes: int) -> None:
    running = [await process.start(database.dsn) for _ in range(processes)]
    try:
        codes = await asyncio.gather(*(each.wait() for each in running))
    finally:
        for each in running:
            if each.returncode is None:
                each.terminate()
    if any(codes):
        raise RebuildFailed(f"exit codes {codes}")


async def _put_in_place(database: Database) -> int:
    async with database.transaction() as tx:
        await tables.finish(tx)
    for attempt in range(1, SWITCH_TRIES + 1):
        try:
            async with database.transaction() as tx:
                differing = await tables.switch(tx)
                tx.audit(
                    "standings.rebuilt", subject_type="standings", subject_id=new_id(), after={"differing": differing}
                )
        except DBAPIError as error:
            if attempt == SWITCH_TRIES:
                raise
            log.info("rebuild.switch_postponed", attempt=attempt, error=repr(error.orig))
            await asyncio.sleep(attempt)
        else:
            return differing
    raise AssertionError("unreachable: the last try returns or raises")


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[None]:
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not await connection.scalar(text(LOCK)):
            raise RebuildRunning
        try:
            yield
        finally:
            await connection.execute(text(LOCK.replace("try_advisory_lock", "advisory_unlock")))


async def _progress(database: Database) -> Progress:
    async with database.reading() as tx:
        row = await tx.one(PROGRESS)
    return Progress(row.chunks, row.done, row.standings, row.failed)


async def _all_done(database: Database) -> Progress:
    done = await _progress(database)
    if done.done < done.chunks:
        raise RebuildFailed(f"{done.chunks - done.done} of {done.chunks} stretches were not done")
    return done


async def _keep_telling(database: Database, tell: Tell | None) -> None:
    while tell is not None:
        tell(await _progress(database))
        await asyncio.sleep(TELL_SECONDS)
