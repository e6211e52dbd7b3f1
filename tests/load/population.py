"""The whole population: every standing rebuilt from the facts by two processes, at two sizes of the nation.

What matters is that the cost of one practitioner does not grow with their number, and that memory does not either.
`python -m tests.load.population [size …]`
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import psutil
from tests.support.stack import PostgresServer, begin_session, end_session

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_chassis.database.engine import plain_dsn
from cec_chassis.ids import new_id
from cec_credits.recalculation.rebuild.run import rebuild
from cec_credits.rulesets.load import DATA
from cec_credits.rulesets.load_bundled import files_in, load_files

SIZES = (10_000, 100_000)
RECORDS = 60
ROSTER = 40
"""Attendees of one course; who attends which is left to chance, so neighbours share no courses."""
PROCESSES = 2
KNOWN_AT = datetime(2024, 1, 1, tzinfo=UTC)
BEGIN = datetime(2021, 6, 1, 1, tzinfo=UTC)
DAYS = 1_500
ATTRIBUTES = ("professional", "professional", "professional", "professional", "quality", "ethics", "regulations")
METHODS = ("M01", "M01", "M01", "M01", "M04", "M05")
Row = tuple[Any, ...]


class Figures(msgspec.Struct, frozen=True):
    """Of one size. CPU is milliseconds for one practitioner, of the computing processes (their start included) and of
    PostgreSQL; memory is the most that one of the computing processes had."""

    practitioners: int
    seconds: float
    rate: float
    cpu_ms: float
    postgres_ms: float
    peak_mb: float

    @property
    def cost_ms(self) -> float:
        """All CPU that one practitioner takes."""
        return self.cpu_ms + self.postgres_ms


def people(ids: list[UUID]) -> Iterator[Row]:
    """Dental technicians in the middle of their cycle."""
    for number, person in enumerate(ids):
        licence = {
            "licence_id": str(person),
            "profession": "2",
            "valid_from": "2021-05-01",
            "valid_until": "2027-05-01",
            "county": "臺北市",
        }
        certificate = {"profession": "2", "number": f"{number:06}", "issued_on": "2010-01-01"}
        area = {"since": "2000-01-01", "area": "remote" if number % 20 == 0 else "ordinary"}
        columns = (msgspec.json.encode([each]).decode() for each in (certificate, licence, area))
        yield (person, 1, f"P{number:08}", "王測試", *columns, True)


def approvals(courses: list[UUID]) -> Iterator[Row]:
    """Three hours each, spread over the window."""
    chance = random.Random(1)
    for number, course in enumerate(courses):
        begins = BEGIN + timedelta(days=chance.randrange(DAYS), hours=chance.randrange(8))
        awards = msgspec.json.encode({"2:learner": "3.60", "2:lecturer": "18.00"}).decode()
        yield (
            *(course, 1, f"C{number:010}", "課程", course, f"S{number:010}", "某學會"),
            *(chance.choice(METHODS), chance.choice(ATTRIBUTES), number % 9 == 0, number % 11 == 0),
            *(begins, begins + timedelta(hours=3), 180, awards, "approved", "", KNOWN_AT, KNOWN_AT),
        )


def attendances(ids: list[UUID], courses: list[UUID]) -> Iterator[Row]:
    """Sixty different courses each."""
    chance = random.Random(2)
    for person in ids:
        for course in chance.sample(courses, RECORDS):
            attendance = new_id()
            yield (attendance, 1, person, "2", course, "learner", None, "recorded", "", KNOWN_AT, KNOWN_AT, attendance)


PEOPLE = "practitioner_id sequence number name certificates licences practice_areas active"
APPROVALS = """
course_id sequence course_code course_title activity_id activity_code offering_unit_name method attribute infection_control
gender starts_at ends_at minutes awards status reason decided_at known_at
"""
ATTENDANCES = """
attendance_id sequence practitioner_id profession course_id role minutes status reason recorded_at known_at event_id
"""


async def settle(url: str, size: int) -> None:
    """The population into the tables, by COPY."""
    ids, courses = sorted(new_id() for _ in range(size)), [new_id() for _ in range(size * RECORDS // ROSTER)]
    connection = await asyncpg.connect(plain_dsn(url))
    try:
        for table, columns, rows in (
            ("practitioners", PEOPLE, people(ids)),
            ("course_approvals", APPROVALS, approvals(courses)),
            ("ledger_entries", ATTENDANCES, attendances(ids, courses)),
        ):
            await connection.copy_records_to_table(table, columns=columns.split(), records=rows)
            await connection.execute(f"VACUUM (ANALYZE) {table}")
    finally:
        await connection.close()


async def measure(url: str, size: int) -> Figures:
    """On a fresh database."""
    database = Database(url, SystemClock(), pool_size=4, command_timeout=900)
    try:
        async with database.transaction() as tx:
            await load_files(tx, files_in(DATA))
        await settle(url, size)
        before, served = resource.getrusage(resource.RUSAGE_CHILDREN), await postgres_cpu(url)
        result = await rebuild(database, processes=PROCESSES)
        after, served_after = resource.getrusage(resource.RUSAGE_CHILDREN), await postgres_cpu(url)
    finally:
        await database.close()
    if result.standings != size or result.failed:
        raise RuntimeError(f"{result.standings} standings of {size}, {result.failed} failed")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(
        practitioners=size,
        seconds=result.seconds,
        rate=size / result.seconds,
        cpu_ms=cpu / size * 1000,
        postgres_ms=(served_after - served) / size * 1000,
        peak_mb=after.ru_maxrss / 1024,
    )


def _measure_apart(url: str, size: int) -> Figures:
    """In a process of its own: the peak of its children is that of the rebuild and of nothing else that was measured."""
    return asyncio.run(measure(url, size))


async def postgres_cpu(url: str) -> float:
    """Seconds of all its processes so far, also of those that have ended; of a server on this machine."""
    connection = await asyncpg.connect(plain_dsn(url))
    try:
        own = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
        postmaster = own.parent()
        if postmaster is None:
            raise RuntimeError("the PostgreSQL server does not run on this machine")
        ended, alive = postmaster.cpu_times(), [each.cpu_times() for each in postmaster.children()]
        return ended.children_user + ended.children_system + sum(each.user + each.system for each in alive)
    finally:
        await connection.close()


async def main(sizes: list[int]) -> list[Figures]:
    """A line for each size, and how the cost of one practitioner changes from the first to the last."""
    server = PostgresServer.obtain()
    found = []
    apart = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), max_tasks_per_child=1)
    for size in sizes:
        url = await server.make_database("credits")
        figures = await asyncio.get_running_loop().run_in_executor(apart, _measure_apart, url, size)
        await server.drop_database(url)
        found.append(figures)
        print(
            f"{size:>8} practitioners × {RECORDS}: {figures.seconds:6.1f} s, {figures.rate:6.0f}/s, "
            f"{figures.cpu_ms:.2f} + {figures.postgres_ms:.2f} ms CPU each (Python + PostgreSQL), "
            f"peak {figures.peak_mb:.0f} MB, load {os.getloadavg()[0]:.1f}"
        )
    growth = found[-1].cost_ms / found[0].cost_ms
    print(f"CPU of one practitioner at {sizes[-1]} against {sizes[0]}: {growth:.2f}")
    return found


if __name__ == "__main__":
    begin_session()
    try:
        asyncio.run(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
    finally:
        end_session()
