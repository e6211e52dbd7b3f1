"""`python -m cec_local run`: everything comes up, a second start is told so, and nothing is left however it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from tests.support.eventually import eventually
from tests.support.leftovers import processes_of

from cec_local.process_table import await_end
from cec_local.services import SERVICES

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
MORE_THAN_ONE_OF_EACH = 15
START_SECONDS = 120


class Command:
    """`python -m cec_local …` with its state in a folder of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "run").mkdir(parents=True)
        (directory / "run" / "demo-done").touch()  # the demo has a test of its own
        self._environment = {**os.environ, "CEC_LOCAL_DIRECTORY": str(directory)}
        self._output = directory / "output"

    def start(self) -> subprocess.Popen[bytes]:
        with self._output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "cec_local", "run"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def call(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cec_local", command],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def output(self) -> str:
        return self._output.read_text(encoding="utf-8")

    def gateway(self) -> str | None:
        found = re.search(r"at (http://\S+)", self.call("status").stdout)
        return found.group(1) if found else None


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path / "local")
    yield command
    for process in processes_of(command.directory):
        os.kill(process.pid, signal.SIGKILL)


async def up(command: Command, supervisor: subprocess.Popen[bytes]) -> str:
    """Waits until the stack is up; returns the gateway's address. Fails at once when the command ends before."""

    def settled() -> bool:
        return supervisor.poll() is not None or command.gateway() is not None

    await eventually(settled, within=START_SECONDS, every=0.5, what="the stack is up")
    assert supervisor.poll() is None, command.output()
    address = command.gateway()
    assert address is not None
    return address


async def test_everything_comes_up_and_ctrl_c_leaves_nothing(command: Command) -> None:
    supervisor = command.start()
    gateway = await up(command, supervisor)
    async with httpx.AsyncClient(base_url=gateway, trust_env=False) as client:
        for service in SERVICES:
            assert (await client.get(f"/api/v1/{service}/health/ready")).status_code == 200, service
    assert "admin" in command.output()

    second = command.call("run")
    assert second.returncode == 1
    assert f"process {supervisor.pid}" in second.stdout
    assert gateway in second.stdout.replace("\n", "")

    secrets = command.directory / "run" / "secrets"
    await one_service_cannot_reach_the_database_of_another(secrets)
    assert modes_of_files_in(secrets) == {0o600}

    left = processes_of(command.directory)
    assert len(left) > MORE_THAN_ONE_OF_EACH
    os.killpg(supervisor.pid, signal.SIGINT)  # as the terminal does
    assert supervisor.wait(60) == 0, command.output()
    assert await_end(left, 5)
    assert command.call("status").returncode == 3


async def one_service_cannot_reach_the_database_of_another(secrets: Path) -> None:
    own = (secrets / "database-url-credits").read_text().strip()
    connection = await asyncpg.connect(own)
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(own.removesuffix("cec_credits") + "cec_identity")


def modes_of_files_in(directory: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in directory.iterdir()}


async def test_kill_minus_nine_leaves_nothing_and_the_next_start_is_not_hindered(command: Command) -> None:
    supervisor = command.start()
    first = await up(command, supervisor)
    left = processes_of(command.directory)
    assert len(left) > MORE_THAN_ONE_OF_EACH
    supervisor.kill()
    supervisor.wait()
    assert await_end(left, 30), "the kernel tells the children that their starter is gone"

    supervisor = command.start()
    assert await up(command, supervisor) == first, "the address stays the same"
    left = processes_of(command.directory)
    assert "stopped" in command.call("stop").stdout
    assert supervisor.wait(5) == 0
    assert await_end(left, 5)
