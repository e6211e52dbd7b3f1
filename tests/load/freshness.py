"""From the commit of an attendance in enrolment to the statement that shows it, at a steady pace, over real processes:
enrolment's relay, credits' worker and credits' relay, each on its own. In the middle somebody imports a whole roster file."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

import asyncpg
from tests.load.pipeline import background
from tests.support.credits_worker import recalculate, take_in
from tests.support.facts import News, attendance_of

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_chassis.database.engine import plain_dsn
from cec_chassis.ids import new_id
from cec_chassis.processes import declare_queues
from cec_chassis.service import Runtime
from cec_chassis.settings import ServiceSettings
from cec_credits.rulesets.load_bundled import load_bundled
from cec_credits.rulesets.mark_affected import mark_affected
from cec_credits.service import SERVICE

LOOK_EVERY_SECONDS = 0.004


@asynccontextmanager
async def process(module: str, command: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of a service, ended in good order."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        command,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
            await running.wait()


class Latencies(NamedTuple):
    """Seconds from commit to visible, one for each attendance that somebody recorded by hand."""

    alone: list[float]
    """While nothing else was going on."""
    beside_import: list[float]
    """Committed between the commit of the import and the moment when its last row was visible."""
    import_seconds: float
    """From the commit of the import to its last row."""


async def measure(
    enrolment_url: str,
    credits_url: str,
    amqp_url: str,
    public_url: str,
    *,
    per_second: int,
    seconds: float,
    import_rows: int,
) -> Latencies:
    """A steady pace of single attendances; after half of the time a roster file of `import_rows` arrives as well."""
    environment = {
        "CEC_AMQP_URL": amqp_url,
        "CEC_AMQP_PUBLIC_URL": public_url,
        "CEC_NATIONAL_ID_INDEX_KEY": "k" * 32,
        "CEC_LOG_LEVEL": "ERROR",
    }
    persons = [new_id() for _ in range(1 + int(per_second * seconds))]
    attendees = [new_id() for _ in range(import_rows)]
    course, lecture = new_id(), new_id()
    settings = ServiceSettings(service="credits", database_url=credits_url, amqp_url=amqp_url)
    runtime = Runtime(SERVICE, settings, SystemClock())
    try:
        await declare_queues(runtime)
        await load_bundled(runtime)
        # nobody is there yet, so the publication leaves no work behind
        await mark_affected(runtime.database("seed"), asyncio.Event())
        database = runtime.database("seed")
        await take_in(database, background(persons + attendees, [course, lecture]), batch=500)
        await recalculate(database)
    finally:
        await runtime.close()
    async with (
        process("cec_enrolment", "relay", CEC_SERVICE_DATABASE_URL=enrolment_url, **environment),
        process("cec_credits", "work", CEC_SERVICE_DATABASE_URL=credits_url, **environment),
        process("cec_credits", "relay", CEC_SERVICE_DATABASE_URL=credits_url, **environment),
    ):
        return await _run(
            enrolment_url,
            credits_url,
            [attendance_of(person, course, "2", "learner") for person in persons],
            [attendance_of(person, lecture, "2", "learner") for person in attendees],
            per_second,
        )


async def _run(
    enrolment_url: str, credits_url: str, single: Sequence[News], roster: Sequence[News], per_second: int
) -> Latencies:
    database = Database(enrolment_url, SystemClock(), pool_size=10)
    committed: dict[UUID, float] = {}
    seen: dict[UUID, float] = {}
    watching = asyncio.create_task(_watch(plain_dsn(credits_url), seen, len(single) + len(roster)))
    commits: list[asyncio.Task[None]] = []
    await _commit(database, single[:1], committed)
    async with asyncio.timeout(60):
        while not seen:  # both processes run; nobody measures how fast they start
            await asyncio.sleep(LOOK_EVERY_SECONDS)
    begun = time.perf_counter()
    for number, each in enumerate(single[1:]):
        await asyncio.sleep(max(0.0, begun + number / per_second - time.perf_counter()))
        commits.append(asyncio.create_task(_commit(database, [each], committed)))
        if number == len(single) // 2 and roster:
            commits.append(asyncio.create_task(_commit(database, roster, committed)))
    await asyncio.gather(*commits)
    async with asyncio.timeout(120):
        await watching
    await database.close()
    return _latencies([_person(each) for each in single[1:]], [_person(each) for each in roster], committed, seen)


def _latencies(
    single: Sequence[UUID], roster: Sequence[UUID], committed: dict[UUID, float], seen: dict[UUID, float]
) -> Latencies:
    since = min((committed[person] for person in roster), default=float("inf"))
    until = max((seen[person] for person in roster), default=float("inf"))
    beside = {person for person in single if since <= committed[person] <= until}
    return Latencies(
        [seen[person] - committed[person] for person in single if person not in beside],
        [seen[person] - committed[person] for person in beside],
        until - since if roster else 0.0,
    )


def _person(news: News) -> UUID:
    return news.body.practitioner_id  # type: ignore[no-any-return]


async def _commit(database: Database, news: Sequence[News], committed: dict[UUID, float]) -> None:
    """In one transaction, as the import of a file commits all its rows."""
    async with database.transaction() as tx:
        for each in news:
            tx.publish(each.event, subject=each.subject, sequence=each.sequence, body=each.body)
    now = time.perf_counter()
    committed.update((_person(each), now) for each in news)


async def _watch(dsn: str, seen: dict[UUID, float], expected: int) -> None:
    """Looks for the news that commit together with a changed standing. Who computed beside another may commit before it: numbers
    that were passed over are looked for again."""
    connection = await asyncpg.connect(dsn)
    try:
        last = await connection.fetchval("SELECT coalesce(max(seq), 0) FROM outbox")
        passed_over: set[int] = set()
        while len(seen) < expected:
            rows = await connection.fetch(
                "SELECT seq, subject FROM outbox WHERE seq > $1 OR seq = ANY($2) ORDER BY seq", last, list(passed_over)
            )
            now = time.perf_counter()
            for row in rows:
                seen.setdefault(UUID(row["subject"].partition(":")[0]), now)
                passed_over.update(range(last + 1, row["seq"]))
                passed_over.discard(row["seq"])
                last = max(last, row["seq"])
            await asyncio.sleep(LOOK_EVERY_SECONDS)
    finally:
        await connection.close()
