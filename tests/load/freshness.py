"""From the commit of an attendance in enrolment to the statement that shows it, at a steady pace, over real processes:
enrolment's relay and credits' worker, each on its own."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from tests.load.pipeline import background
from tests.support.credits_worker import recalculate, take_in
from tests.support.facts import News, attendance_of

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_chassis.processes import declare_queues
from cec_chassis.service import Runtime
from cec_chassis.settings import ServiceSettings
from cec_credits.rulesets.load_bundled import load_bundled
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


async def measure(
    enrolment_url: str, credits_url: str, amqp_url: str, public_url: str, *, per_second: int, seconds: float
) -> list[float]:
    """Seconds from commit to visible, one for each attendance."""
    environment = {
        "CEC_AMQP_URL": amqp_url,
        "CEC_AMQP_PUBLIC_URL": public_url,
        "CEC_NATIONAL_ID_INDEX_KEY": "k" * 32,
        "CEC_LOG_LEVEL": "ERROR",
    }
    persons = [new_id() for _ in range(1 + int(per_second * seconds))]
    course = new_id()
    settings = ServiceSettings(service="credits", database_url=credits_url, amqp_url=amqp_url)
    runtime = Runtime(SERVICE, settings, SystemClock())
    try:
        await declare_queues(runtime)
        await load_bundled(runtime)
        database = runtime.database("seed")
        await take_in(database, background(persons, [course]), batch=500)
        await recalculate(database)
    finally:
        await runtime.close()
    news = [attendance_of(person, course, "2", "learner") for person in persons]
    async with (
        process("cec_enrolment", "relay", CEC_SERVICE_DATABASE_URL=enrolment_url, **environment),
        process("cec_credits", "work", CEC_SERVICE_DATABASE_URL=credits_url, **environment),
    ):
        return await _pace(enrolment_url, credits_url, news, persons, per_second)


async def _pace(
    enrolment_url: str, credits_url: str, news: Sequence[News], persons: Sequence[UUID], per_second: int
) -> list[float]:
    database = Database(enrolment_url, SystemClock(), pool_size=10)
    committed: dict[UUID, float] = {}
    seen: dict[UUID, float] = {}
    watching = asyncio.create_task(_watch(credits_url.replace("+asyncpg", ""), seen, len(persons)))
    commits: list[asyncio.Task[None]] = []
    await _commit(database, news[0], committed)
    async with asyncio.timeout(60):
        while persons[0] not in seen:  # both processes run; nobody measures how fast they start
            await asyncio.sleep(LOOK_EVERY_SECONDS)
    begun = time.perf_counter()
    for number, each in enumerate(news[1:]):
        await asyncio.sleep(max(0.0, begun + number / per_second - time.perf_counter()))
        commits.append(asyncio.create_task(_commit(database, each, committed)))
    await asyncio.gather(*commits)
    async with asyncio.timeout(60):
        await watching
    await database.close()
    return [seen[person] - committed[person] for person in persons[1:]]


async def _commit(database: Database, news: News, committed: dict[UUID, float]) -> None:
    async with database.transaction() as tx:
        tx.publish(news.event, subject=news.subject, sequence=news.sequence, body=news.body)
    committed[news.body.practitioner_id] = time.perf_counter()


async def _watch(dsn: str, seen: dict[UUID, float], expected: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        while len(seen) < expected:
            rows = await connection.fetch("SELECT practitioner_id FROM standings WHERE version = 2")
            now = time.perf_counter()
            for row in rows:
                seen.setdefault(row["practitioner_id"], now)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
    finally:
        await connection.close()
