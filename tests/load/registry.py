"""The registry's nightly file: rows per second for people who are new, unchanged and changed, and the memory it takes.

100,000 rows go the way of a large file: uploaded, sealed in pieces, taken in by the worker piece by piece, with events,
audit rows and a result for every row. `python -m tests.load.registry [rows]`
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

import asyncpg
import httpx
from tests.component.identity.conftest import HEADER, settings_for
from tests.support.one_service import NOON, OneService
from tests.support.stack import PostgresServer, begin_session, end_session
from tests.support.tokens import TestKey, an_actor, trust

from cec_chassis.clock import FixedClock
from cec_chassis.database.engine import plain_dsn
from cec_chassis.ids import new_id
from cec_chassis.service import Runtime
from cec_contracts import national_id
from cec_identity.registry.import_loop import import_a_piece
from cec_identity.service import SERVICE
from cec_identity.settings import settings_of
from cec_identity.vault import Vault

ROWS = 100_000
ACTOR = an_actor("other_system", scopes=("registry:write",), client_id=new_id())
"""The registry's own system, which nobody asks for a fresh sign-in."""
BARE_STEP = 2_000


class Run(NamedTuple):
    """One file: rows per second from the upload to the last piece, of wall and of this process's own time."""

    rows_per_second: float
    rows_per_own_second: float
    upload_seconds: float
    longest_piece_seconds: float


class Found(NamedTuple):
    """`grown` is by how much the process was larger at its largest than before the first file, in bytes."""

    created: Run
    unchanged: Run
    changed: Run
    bare: float
    upload_grown: int
    worker_grown: int


def an_id(at: int) -> str:
    """A national ID whose checksum holds."""
    for last in range(10):
        try:
            return national_id.validate(f"A1{at:07d}{last}")
        except national_id.InvalidNationalId:
            continue
    raise AssertionError


def rows_of(count: int, until: str = "2028-12-05") -> list[str]:
    """A row for each person, with certificate, licence and area."""
    return [
        f"{an_id(at)},王測試{at % 997},N{at:06d},2,牙技字第{at:06d}號,2010-05-01,2022-12-06,{until},,3501200000,臺北市,"
        "ordinary,2000-01-01"
        for at in range(count)
    ]


async def measure(url: str, rows: int = ROWS) -> Found:
    """On a fresh database of identity."""
    service = await _service(url)
    try:
        first, second = _file(rows_of(rows)), _file(rows_of(rows, "2029-01-05"))
        await _run(service, _file(rows_of(20_000)[-11_000:]), 11_000)  # prepared once; these people are known then
        before = _resident()
        upload = await _upload(service, first)
        upload_grown = _peak() - before
        before = max(_resident(), 1)
        created = await _work(service, rows, upload)
        worker_grown = max(0, _resident() - before)
        unchanged = await _run(service, first, rows)
        changed = await _run(service, second, rows)
        return Found(created, unchanged, changed, await _bare(url, rows), upload_grown, worker_grown)
    finally:
        await service.close()


async def _service(url: str) -> OneService:
    runtime = Runtime(SERVICE, settings_for(url), FixedClock(NOON))
    key = TestKey()
    await trust(runtime.database("api"), key)
    transport = httpx.ASGITransport(app=SERVICE.create_app(runtime))  # type: ignore[arg-type]
    client = httpx.AsyncClient(transport=transport, base_url="http://identity", timeout=600)
    return OneService(SERVICE, runtime, FixedClock(NOON), key, client)


async def _run(service: OneService, content: bytes, rows: int) -> Run:
    return await _work(service, rows, await _upload(service, content))


async def _upload(service: OneService, content: bytes) -> float:
    headers = service.key.headers(ACTOR, now=service.clock.now()) | {"Content-Type": "text/csv"}
    begun = time.perf_counter()
    answer = await service.client.post("/registry/imports", content=content, headers=headers)
    assert answer.status_code == 202, answer.text
    return time.perf_counter() - begun


async def _work(service: OneService, rows: int, upload: float) -> Run:
    database, vault = service.runtime.database("worker"), Vault.of(settings_of(service.runtime))
    begun, own = time.perf_counter(), time.process_time()
    longest, last = 0.0, begun
    while await import_a_piece(database, vault):
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    seconds = time.perf_counter() - begun + upload
    return Run(rows / seconds, rows / (time.process_time() - own + upload), upload, longest)


async def _bare(url: str, rows: int) -> float:
    """The yardstick: the same cells put into a table of texts, nothing looked at, in transactions of the same size."""
    connection = await asyncpg.connect(plain_dsn(url))
    try:
        columns = HEADER.split(",")
        await connection.execute(f"CREATE TEMP TABLE bare ({', '.join(f'{name} text' for name in columns)})")
        cells = [row.split(",") for row in rows_of(rows)]
        places = ", ".join(f"${at}::text[]" for at in range(1, len(columns) + 1))
        begun = time.perf_counter()
        for at in range(0, rows, BARE_STEP):
            step = cells[at : at + BARE_STEP]
            await connection.execute(
                f"INSERT INTO bare SELECT * FROM unnest({places})", *map(list, zip(*step, strict=True))
            )
        return rows / (time.perf_counter() - begun)
    finally:
        await connection.close()


def _file(rows: list[str]) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


async def _alone() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    found = await measure(await PostgresServer.obtain().make_database("identity"), rows)
    for name, value in found._asdict().items():
        print(name, value)


if __name__ == "__main__":
    begin_session()
    try:
        asyncio.run(_alone())
    finally:
        end_session()
