"""Batches from the file to the spreadsheet: 300 people at once, 10,000 as a job that two workers share.

Nobody's standing is stored, so everything is computed from the facts: sixty records each. As the worst day has it.
`python -m tests.load.batches`
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from typing import NamedTuple

import asyncpg
from tests.load.population import settle
from tests.support.one_service import NOON, OneService
from tests.support.stack import PostgresServer, begin_session, end_session
from tests.support.tokens import an_actor

from cec_chassis.database.engine import plain_dsn
from cec_credits.rulesets.load import DATA
from cec_credits.rulesets.load_bundled import files_in, load_files
from cec_credits.service import SERVICE
from cec_credits.settings import CreditsSettings

SMALL, LARGE = 300, 10_000
WORKERS = 2
CONNECTED = """
SELECT count(*) FROM pg_stat_activity WHERE application_name = 'credits-batch' AND datname = current_database()
"""
ACTOR = an_actor("system_administrator")


class Settings(CreditsSettings, frozen=True, kw_only=True):
    """With a key that can be used."""

    national_id_index_key: str = "k" * 32


class Seconds(NamedTuple):
    """From sending the file to having the spreadsheet; and the longest time the event loop did not turn meanwhile."""

    small: float
    large: float
    stalled: float


async def measure(url: str) -> Seconds:
    """On a fresh database of credits."""
    service = await OneService.start(replace(SERVICE, settings=Settings), url, NOON)
    try:
        async with service.database.transaction() as tx:
            await load_files(tx, files_in(DATA))
        await settle(url, LARGE)
        await _send(service, SMALL)  # rules are read and statements prepared once
        watch = asyncio.create_task(_watch())
        small = min([await _send(service, SMALL) for _ in range(3)])
        watch.cancel()
        stalled = max(_stalls, default=0.0)
        return Seconds(small, await _job(service, url), stalled)
    finally:
        await service.close()


_stalls: list[float] = []


async def _watch() -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.01)
        _stalls.append(time.perf_counter() - before - 0.01)


async def _send(service: OneService, people: int) -> float:
    headers = service.key.headers(ACTOR, now=service.clock.now()) | {"Content-Type": "text/csv", "X-Purpose": "audit"}
    begun = time.perf_counter()
    answer = await service.client.post("/batches?format=xlsx", content=_file(people), headers=headers)
    assert answer.content.startswith(b"PK"), answer.text
    return time.perf_counter() - begun


async def _job(service: OneService, url: str) -> float:
    """The workers are processes of their own, as in production; they are up before the clock starts."""
    headers = service.key.headers(ACTOR, now=service.clock.now()) | {"Content-Type": "text/csv", "X-Purpose": "audit"}
    workers = [
        await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.load.batch_worker", url)
        for _ in range(WORKERS)
    ]
    try:
        await _connected(url, WORKERS)
        begun = time.perf_counter()
        opened = await service.client.post("/batches", content=_file(LARGE), headers=headers)
        assert opened.status_code == 202, opened.text
        path = f"/batches/{opened.json()['batch_id']}"
        while (await service.ask(ACTOR, "GET", path)).json()["state"] != "done":
            await asyncio.sleep(0.1)
        answer = await service.ask(ACTOR, "GET", f"{path}/result.xlsx")
        assert answer.content.startswith(b"PK"), answer.text
        return time.perf_counter() - begun
    finally:
        for worker in workers:
            worker.terminate()
            await worker.wait()


async def _connected(url: str, wanted: int) -> None:
    connection = await asyncpg.connect(plain_dsn(url))
    try:
        async with asyncio.timeout(30):
            while True:
                found = await connection.fetchval(CONNECTED)
                if found >= wanted:
                    return
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


def _file(people: int) -> bytes:
    return "\r\n".join(["number", *(f"P{at:08}" for at in range(people))]).encode()


async def main() -> None:
    server = PostgresServer.obtain()
    found = await measure(await server.make_database("credits"))
    print(
        f"{SMALL}: {found.small:.2f} s, {LARGE}: {found.large:.1f} s, event loop stalled {found.stalled * 1000:.0f} ms"
    )


if __name__ == "__main__":
    begin_session()
    try:
        asyncio.run(main())
    finally:
        end_session()
