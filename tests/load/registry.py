"""The registry's nightly file: rows per second for people who are new, unchanged and changed, and the memory it takes.

100,000 rows go the way of a large file: uploaded, sealed in pieces, taken in by the worker piece by piece, with events,
audit rows and a result for every row. Each upload and each worker is a process of its own, so that the largest it ever was
is its own doing. `python -m tests.load.registry [rows [rows of the smaller file]]`
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar

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

T = TypeVar("T")
ROWS = 100_000
FEWER_ROWS = 10_001
"""The smallest file that is a job."""
ACTOR = an_actor("other_system", scopes=("registry:write",), client_id=new_id())
"""The registry's own system, which nobody asks for a fresh sign-in."""
BARE_STEP = 2_000
FLAT_BYTES = 32 * 1024 * 1024
"""By how much the worker's peak may be higher with the large file than with the small one. It never has more than a piece
at hand, so what it takes has nothing to do with the number of rows."""
BYTES_PER_BYTE = 8
"""By how much the peak of what takes the upload may be higher for each byte that the file is longer. It is in one piece in
the client, which is in the same process here, and in the service, and its rows stand beside it until they are sealed."""


class Upload(NamedTuple):
    """`peak` is the most memory that its process ever had, in bytes."""

    seconds: float
    peak: int


class Work(NamedTuple):
    """The pieces of one file, by a worker that did nothing else; `own_seconds` of its processor."""

    seconds: float
    own_seconds: float
    longest_piece_seconds: float
    peak: int


class Run(NamedTuple):
    """One file, from the upload to the last piece."""

    rows: int
    upload: Upload
    work: Work

    @property
    def rows_per_second(self) -> float:
        """Of the clock on the wall."""
        return self.rows / (self.upload.seconds + self.work.seconds)


class Found(NamedTuple):
    """The large file and the small one, each sent three times: of new people, as it was, with other days."""

    large: tuple[Run, Run, Run]
    small: tuple[Run, Run, Run]
    bare: float
    bytes_more: int
    """By how much the large file is longer."""

    @property
    def worker_grown(self) -> int:
        """By how much the worker was larger at its largest with the large file, in bytes."""
        return max(run.work.peak for run in self.large) - max(run.work.peak for run in self.small)

    @property
    def upload_grown(self) -> int:
        """The same of what takes the upload."""
        return max(run.upload.peak for run in self.large) - max(run.upload.peak for run in self.small)

    @property
    def flat(self) -> bool:
        """Whether memory stayed within what is allowed."""
        return self.worker_grown <= FLAT_BYTES and self.upload_grown <= BYTES_PER_BYTE * self.bytes_more


def an_id(at: int) -> str:
    """A national ID whose checksum holds."""
    for last in range(10):
        try:
            return national_id.validate(f"A1{at:07d}{last}")
        except national_id.InvalidNationalId:
            continue
    raise AssertionError


def rows_of(count: int, until: str = "2028-12-05", first: int = 0) -> list[str]:
    """A row for each person, with certificate, licence and area."""
    return [
        f"{an_id(at)},王測試{at % 997},N{at:06d},2,牙技字第{at:06d}號,2010-05-01,2022-12-06,{until},,3501200000,臺北市,"
        "ordinary,2000-01-01"
        for at in range(first, first + count)
    ]


async def measure(url: str, rows: int = ROWS, fewer: int = FEWER_ROWS) -> Found:
    """On a fresh database of identity. The people of the two files are different ones."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "registry.csv"
        small = _three(url, file, fewer, first=900_000)
        length = file.stat().st_size
        large = _three(url, file, rows)
        bytes_more = file.stat().st_size - length
    return Found(large, small, await _bare(url, rows), bytes_more)


def _three(url: str, file: Path, rows: int, first: int = 0) -> tuple[Run, Run, Run]:
    file.write_bytes(_file(rows_of(rows, first=first)))
    created, unchanged = _run(url, file, rows), _run(url, file, rows)
    file.write_bytes(_file(rows_of(rows, "2029-01-05", first)))
    return created, unchanged, _run(url, file, rows)


def _run(url: str, file: Path, rows: int) -> Run:
    return Run(rows, _by_itself(partial(_upload, url, file)), _by_itself(partial(_work, url)))


def _by_itself(do: Callable[[], T]) -> T:
    """In a process that begins for it and ends with it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(do).result()


def _upload(url: str, file: Path) -> Upload:
    return asyncio.run(_sent(url, file.read_bytes()))


async def _sent(url: str, content: bytes) -> Upload:
    service = await _service(url)
    try:
        headers = service.key.headers(ACTOR, now=service.clock.now()) | {"Content-Type": "text/csv"}
        # The peak until here was that of a password's hash, 64 MB, and would hide what follows.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        begun = time.perf_counter()
        answer = await service.client.post("/registry/imports", content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        return Upload(time.perf_counter() - begun, _peak())
    finally:
        await service.close()


async def _service(url: str) -> OneService:
    runtime = Runtime(SERVICE, settings_for(url), FixedClock(NOON))
    key = TestKey()
    await trust(runtime.database("api"), key, sequence=time.time_ns())
    transport = httpx.ASGITransport(app=SERVICE.create_app(runtime))  # type: ignore[arg-type]
    client = httpx.AsyncClient(transport=transport, base_url="http://identity", timeout=600)
    return OneService(SERVICE, runtime, FixedClock(NOON), key, client)


def _work(url: str) -> Work:
    return asyncio.run(_worked(url))


async def _worked(url: str) -> Work:
    runtime = Runtime(SERVICE, settings_for(url), FixedClock(NOON))
    try:
        database, vault = runtime.database("worker"), Vault.of(settings_of(runtime))
        begun, own = time.perf_counter(), time.process_time()
        longest, last = 0.0, begun
        while await import_a_piece(database, vault):
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        return Work(time.perf_counter() - begun, time.process_time() - own, longest, _peak())
    finally:
        await runtime.close()


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


def _peak() -> int:
    """The most memory that this process has had at once, in bytes. `getrusage` would tell of its parent's as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


async def _alone() -> None:
    sizes = [int(size) for size in sys.argv[1:3]]
    found = await measure(await PostgresServer.obtain().make_database("identity"), *sizes)
    for run in (*found.small, *found.large):
        print(f"{run.rows_per_second:8.0f} rows/s", run)
    print("worker grown", found.worker_grown, "of", FLAT_BYTES)
    print("upload grown", found.upload_grown, "of", BYTES_PER_BYTE * found.bytes_more, "flat:", found.flat)


if __name__ == "__main__":
    begin_session()
    try:
        asyncio.run(_alone())
    finally:
        end_session()
