"""The servers that all workers of a test run share: started once, gone with the last holder, databases made quickly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import asyncpg
import pytest
from tests.conftest import MakeDatabase, MakeVhost

from cec_local.process_table import ProcessId, await_end, identify, with_descendants
from cec_local.shared_server import acquire, release


@pytest.fixture(autouse=True)
def nobody_lingers(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about when servers end."""
    monkeypatch.delenv("CEC_TEST_LINGER", raising=False)


HOLDER = "import sys; sys.stdin.read()"


def holder() -> subprocess.Popen[str]:
    """A process that lives until its input ends."""
    return subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, text=True)


def test_two_runs_share_a_server_and_it_ends_with_the_last(tmp_path: Path) -> None:
    first, second = holder(), holder()
    url = acquire("postgres", tmp_path, first.pid)["url"]
    assert acquire("postgres", tmp_path, second.pid)["url"] == url
    keeper = next(iter(processes_of(tmp_path)))
    first.kill()
    first.communicate()
    release(tmp_path, first.pid)
    assert keeper.is_alive()
    family = with_descendants(keeper)
    second.kill()  # without letting go: the keeper notices
    second.communicate()
    assert await_end(family, 10)
    assert not (tmp_path / "server").exists()


def test_a_killed_keeper_is_replaced(tmp_path: Path) -> None:
    first = holder()
    acquire("postgres", tmp_path, first.pid)
    keeper = next(iter(processes_of(tmp_path)))
    family = with_descendants(keeper)
    subprocess.run(["kill", "-9", str(keeper.pid)], check=True)
    assert await_end(family, 10)
    acquire("postgres", tmp_path, first.pid)
    first.communicate()
    release(tmp_path, first.pid)
    assert not (tmp_path / "server").exists()
    assert await_end(list(processes_of(tmp_path)), 5)


def processes_of(directory: Path) -> Iterator[ProcessId]:
    """The keepers of `directory` that run now."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (process := identify(int(entry.name))) is not None:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            if b"cec_local.shared_server" in command and str(directory).encode() in command:
                yield process


async def test_databases_of_a_test_are_its_own(make_database: MakeDatabase) -> None:
    one, other = await make_database(None), await make_database(None)
    connection = await asyncpg.connect(one)
    await connection.execute("CREATE TABLE only_here ()")
    await connection.close()
    connection = await asyncpg.connect(other)
    assert await connection.fetchval("SELECT to_regclass('only_here')") is None
    await connection.close()


async def test_vhosts_of_a_test_are_its_own(make_vhost: MakeVhost) -> None:
    one, other = make_vhost(), make_vhost()
    assert one.internal != other.internal
    assert one.public == f"{one.internal}-public"
    for url in (one.internal, one.public, other.internal, other.public):
        async with await aio_pika.connect(url) as connection:
            await connection.channel()
