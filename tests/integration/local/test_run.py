"""`make run`: everything comes up, a second start is told so, other commands are told to it, and nothing is left however
it ends.

A start takes half a minute, so the tests share what runs, in whatever order they come; after one that ended it, the next one
starts it again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import aio_pika
import asyncpg
import httpx
import pytest
from tests.component.identity.authenticator import Authenticator
from tests.integration.local.command import OneRun
from tests.support.eventually import eventually
from tests.support.leftovers import processes_of

from cec_chassis.bus.names import QueueNames
from cec_local.death_watch import GRACE_SECONDS
from cec_local.demo.accounts import demo_accounts
from cec_local.process_table import await_end
from cec_local.services import SERVICES

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
MORE_THAN_ONE_OF_EACH = 15
STOP_SECONDS = 60
A_LITTLE = 1.5


async def test_everything_comes_up(one_run: OneRun) -> None:
    _, gateway = await one_run.up()
    command = one_run.command
    async with httpx.AsyncClient(base_url=gateway, trust_env=False) as client:
        for service in SERVICES:
            assert (await client.get(f"/api/v1/{service}/health/ready")).status_code == 200, service
    secrets = command.directory / "run" / "secrets"
    password = (secrets / "demo-password").read_text().strip()
    # whole, to be copied: whoever reads them on a narrow terminal signs in, too
    assert f"admin {(secrets / 'administrator-password').read_text().strip()}" in command.output()
    assert all(f"{account.name} {password}" in command.output() for account in demo_accounts())

    await the_pages_it_names_may_register_passkeys(gateway, command.output(), secrets)
    await one_service_cannot_reach_the_database_of_another(secrets)
    assert modes_of_files_in(secrets) == {0o600}


async def the_pages_it_names_may_register_passkeys(gateway: str, printed: str, secrets: Path) -> None:
    """By a name, because browsers make none for a number."""
    origin = gateway.replace("127.0.0.1", "localhost")
    assert f"passkeys: {origin}\n" in printed
    sign_in = {"name": "admin", "password": (secrets / "administrator-password").read_text().strip()}
    async with httpx.AsyncClient(base_url=f"{origin}/api/v1/identity", trust_env=False) as client:
        token = (await client.post("/sign-in", json=sign_in)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        options = (await client.post("/passkeys/options")).json()["public_key"]
        body = {"label": "筆電", "credential": Authenticator(origin=origin).create(options)}
        registered = await client.post("/passkeys", json=body)
        assert registered.status_code == 201, registered.text
        removed = await client.delete(f"/passkeys/{registered.json()['passkey_id']}")
        assert removed.status_code == 204


async def one_service_cannot_reach_the_database_of_another(secrets: Path) -> None:
    own = (secrets / "database-url-credits").read_text().strip()
    connection = await asyncpg.connect(own)
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(own.removesuffix("cec_credits") + "cec_identity")


def modes_of_files_in(directory: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in directory.iterdir()}


async def test_a_second_start_is_told_what_runs(one_run: OneRun) -> None:
    supervisor, gateway = await one_run.up()
    second = one_run.command.call("run")
    assert second.returncode == 1
    assert f"process {supervisor.pid}" in second.stdout
    assert gateway in second.stdout.replace("\n", "")
    assert supervisor.poll() is None


@pytest.mark.skipif(shutil.which("make") is None, reason="only where there is make")
async def test_parked_messages_are_listed_and_redriven_and_events_republished(one_run: OneRun) -> None:
    await one_run.up()
    command = one_run.command
    broker = (command.directory / "run" / "secrets" / "amqp-url").read_text().strip()
    async with await aio_pika.connect(broker) as connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(b"poison"), QueueNames("credits").events)

    await was_parked(one_run, times=1)
    found = command.make("parked", "SERVICE=credits")
    assert found.returncode == 0, found.stderr
    assert "not-a-cloudevent" in found.stdout
    by_reason = command.make("parked", "SERVICE=credits", "DO=--reason handler-failed")
    assert (by_reason.returncode, by_reason.stdout) == (0, "")

    redriven = command.make("redrive", "SERVICE=credits")
    assert (redriven.returncode, redriven.stdout.strip()) == (0, "1 messages redriven"), redriven.stderr
    await was_parked(one_run, times=2)  # poison it remains
    (line,) = command.make("parked", "SERVICE=credits").stdout.splitlines()
    told = command.make("tell", "SERVICE=credits", f"DO=discard {json.loads(line)['id']} poison")
    assert told.returncode == 0, told.stderr
    assert command.make("parked", "SERVICE=credits").stdout == ""

    republished = command.make("republish", "SERVICE=identity", "TO=credits")
    assert republished.returncode == 0, republished.stderr
    assert "events sent to credits.replay" in republished.stdout
    for nobody in ((), ("TO=foo",)):
        refused = command.make("republish", "SERVICE=identity", *nobody)
        assert refused.returncode != 0
        assert "Name a service" in refused.stdout + refused.stderr
        assert "Traceback" not in refused.stdout + refused.stderr


async def was_parked(one_run: OneRun, times: int) -> None:
    """Waits until credits has parked its only message so often."""
    secrets = one_run.command.directory / "run" / "secrets"
    connection = await asyncpg.connect((secrets / "database-url-credits").read_text().strip())
    parked = "SELECT times_parked FROM parked_messages WHERE state = 'parked'"

    async def often_enough() -> bool:
        return bool(await connection.fetchval(parked) == times)

    await eventually(often_enough, within=60)
    await connection.close()


async def test_ctrl_c_leaves_nothing(one_run: OneRun) -> None:
    supervisor, _ = await one_run.up()
    left = processes_of(one_run.command.directory)
    assert len(left) > MORE_THAN_ONE_OF_EACH
    os.killpg(supervisor.pid, signal.SIGINT)  # as the terminal does
    assert supervisor.wait(STOP_SECONDS) == 0, one_run.command.output()
    assert await_end(left, 5)
    assert one_run.command.call("status").returncode == 3


async def test_a_server_that_dies_ends_everything_with_one_clear_line_and_code_1(one_run: OneRun) -> None:
    supervisor, _ = await one_run.up()
    command = one_run.command
    left = processes_of(command.directory)
    os.kill(command.process("rabbitmq/pid.json").pid, signal.SIGKILL)
    assert supervisor.wait(STOP_SECONDS) == 1, command.output()
    last = command.output().strip().splitlines()[-1]
    assert last.startswith("✗ rabbitmq 已被 SIGKILL 結束 / was ended by SIGKILL"), command.output()
    assert await_end(left, 5)
    assert command.call("status").returncode == 3


async def test_kill_minus_nine_leaves_nothing_after_3_s_and_the_next_start_is_not_hindered(one_run: OneRun) -> None:
    supervisor, first = await one_run.up()
    command = one_run.command
    left = processes_of(command.directory)
    assert len(left) > MORE_THAN_ONE_OF_EACH
    supervisor.kill()
    supervisor.wait()
    assert await_end(left, GRACE_SECONDS + A_LITTLE), [process for process in left if process.is_alive()]

    supervisor, second = await one_run.up()
    assert second == first, "the address stays the same"
    left = processes_of(command.directory)
    assert "stopped" in command.call("stop").stdout
    assert supervisor.wait(5) == 0
    assert await_end(left, 5)


async def test_it_can_be_stopped_in_the_background_of_a_shell_that_ignores_ctrl_c(one_run: OneRun) -> None:
    supervisor, _ = await one_run.up("sh", "-c", 'trap "" INT; exec "$@"', "sh")
    left = processes_of(one_run.command.directory)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(STOP_SECONDS) == 0, one_run.command.output()
    assert await_end(left, 5)
