"""The private PostgreSQL survives what happens to it and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from cec_local.errors import ProcessDiedError
from cec_local.postgres import EmbeddedPostgres
from cec_local.process_table import ProcessId, await_end, identify, with_descendants


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path)
    server.start()
    yield server
    server.kill()


async def remember(server: EmbeddedPostgres, word: str) -> None:
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        await connection.execute("INSERT INTO words VALUES ($1)", word)
    finally:
        await connection.close()


async def remembered(server: EmbeddedPostgres) -> list[str]:
    connection = await asyncpg.connect(server.url)
    try:
        return [row["word"] for row in await connection.fetch("SELECT word FROM words ORDER BY word")]
    finally:
        await connection.close()


def family(server: EmbeddedPostgres) -> list[ProcessId]:
    assert server.pid is not None
    root = identify(server.pid)
    assert root is not None
    return with_descendants(root)


async def test_what_was_committed_is_there_after_a_crash_at_the_same_address(postgres: EmbeddedPostgres) -> None:
    url = postgres.url
    await remember(postgres, "kept")
    postgres.kill()
    postgres.start()
    assert postgres.url == url
    assert await remembered(postgres) == ["kept"]


async def test_a_restart_cuts_open_sessions_and_keeps_the_data(postgres: EmbeddedPostgres) -> None:
    await remember(postgres, "kept")
    connection = await asyncpg.connect(postgres.url)
    postgres.restart()
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    connection.terminate()
    assert await remembered(postgres) == ["kept"]


async def test_a_killed_postmaster_does_not_hinder_the_next_start(postgres: EmbeddedPostgres) -> None:
    await remember(postgres, "kept")
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)
    postgres.start()
    assert await remembered(postgres) == ["kept"]


def test_a_stale_claim_that_names_a_living_stranger_is_not_believed(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.start()
    server.kill()
    claim = tmp_path / "data" / "postmaster.pid"
    lines = claim.read_text().splitlines()
    claim.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    server.start()
    server.stop()


async def test_passwords_are_asked_for(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host="127.0.0.1", port=postgres.port, user="postgres", password="wrong")


def test_it_listens_on_the_loopback_only(postgres: EmbeddedPostgres) -> None:
    own = f":{postgres.port:04X}"
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert {f[1] for f in listening if f[1].endswith(own) and f[3] == "0A"} == {f"0100007F{own}"}
    six = [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    assert not [f for f in six if f[1].endswith(own) and f[3] == "0A"]


def test_nothing_runs_after_stop(postgres: EmbeddedPostgres) -> None:
    processes = family(postgres)
    assert len(processes) > 3
    postgres.stop()
    assert await_end(processes, 5)


def test_two_servers_side_by_side_do_not_meet(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    other = EmbeddedPostgres(tmp_path / "other")
    other.start()
    try:
        assert other.port != postgres.port
    finally:
        other.kill()


def test_it_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from cec_local.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start(); print(server.pid, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    root = identify(int(owner.stdout.readline()))
    assert root is not None
    processes = with_descendants(root)
    owner.kill()
    owner.communicate()
    assert await_end(processes, 10)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.start()
    server.stop()
    (tmp_path / "data" / "postgresql.conf").write_text("shared_buffers = 'nonsense'\n")
    with pytest.raises(ProcessDiedError) as caught:
        server.start()
    assert "nonsense" in caught.value.log_tail
    assert server.pid is None


def test_it_runs_in_a_folder_that_is_closed_to_others(tmp_path: Path) -> None:
    """A checkout below a home folder of root's: the server runs as another user and must still reach its data."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "below")
    server.start()
    server.stop()
