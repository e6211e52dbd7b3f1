"""`python -m cec_local run`: everything comes up, a second start is told so, and nothing is left however it ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import asyncpg
import httpx
import pytest
from tests.integration.local.command import Command, up
from tests.support.leftovers import processes_of

from cec_local.demo.accounts import demo_accounts
from cec_local.process_table import await_end
from cec_local.services import SERVICES

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
MORE_THAN_ONE_OF_EACH = 15


async def test_everything_comes_up_and_ctrl_c_leaves_nothing(command: Command) -> None:
    supervisor = command.start()
    gateway = await up(command, supervisor)
    async with httpx.AsyncClient(base_url=gateway, trust_env=False) as client:
        for service in SERVICES:
            assert (await client.get(f"/api/v1/{service}/health/ready")).status_code == 200, service
    secrets = command.directory / "run" / "secrets"
    password = (secrets / "demo-password").read_text().strip()
    # whole, to be copied: whoever reads them on a narrow terminal signs in, too
    assert f"admin {(secrets / 'administrator-password').read_text().strip()}" in command.output()
    assert all(f"{account.name} {password}" in command.output() for account in demo_accounts())

    second = command.call("run")
    assert second.returncode == 1
    assert f"process {supervisor.pid}" in second.stdout
    assert gateway in second.stdout.replace("\n", "")

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
