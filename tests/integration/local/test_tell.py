"""`make parked`, `redrive`, `republish`, `tell`: commands to the stack that runs, which find its environment themselves."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import aio_pika
import pytest
from tests.integration.local.command import Command, up
from tests.support.eventually import eventually

from cec_chassis.bus.names import QueueNames
from cec_local.paths import checkout_root

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


def make(command: Command, target: str, *variables: str) -> subprocess.CompletedProcess[str]:
    """The Makefile's target, without `make setup` before it: what is tested here stands already."""
    program = ("make", "-s", "-C", str(checkout_root()), "-o", "setup")
    return command.call(target, *variables, program=program)


async def test_parked_messages_are_listed_and_redriven_and_events_republished(command: Command) -> None:
    supervisor = command.start()
    await up(command, supervisor)
    with stopped(supervisor):
        broker = (command.directory / "run" / "secrets" / "amqp-url").read_text().strip()
        async with await aio_pika.connect(broker) as connection:
            channel = await connection.channel()
            await channel.default_exchange.publish(aio_pika.Message(b"poison"), QueueNames("credits").events)

        def listed() -> bool:
            found = make(command, "parked", "SERVICE=credits")
            assert found.returncode == 0, found.stderr
            return "not-a-cloudevent" in found.stdout

        await eventually(listed, within=60, every=0.2)
        by_reason = make(command, "parked", "SERVICE=credits", "DO=--reason handler-failed")
        assert (by_reason.returncode, by_reason.stdout) == (0, "")

        redriven = make(command, "redrive", "SERVICE=credits")
        assert (redriven.returncode, redriven.stdout.strip()) == (0, "1 messages redriven"), redriven.stderr
        await eventually(listed, within=60, every=0.2)  # poison it remains

        (line,) = make(command, "parked", "SERVICE=credits").stdout.splitlines()
        told = make(command, "tell", "SERVICE=credits", f"DO=discard {json.loads(line)['id']} poison")
        assert told.returncode == 0, told.stderr
        assert make(command, "parked", "SERVICE=credits").stdout == ""

        republished = make(command, "republish", "SERVICE=identity", "TO=credits")
        assert republished.returncode == 0, republished.stderr
        assert "events sent to credits.replay" in republished.stdout
        for nobody in ((), ("TO=foo",)):
            refused = make(command, "republish", "SERVICE=identity", *nobody)
            assert refused.returncode != 0
            assert "Name a service" in refused.stdout + refused.stderr
            assert "Traceback" not in refused.stdout + refused.stderr


@contextmanager
def stopped(supervisor: subprocess.Popen[bytes]) -> Iterator[None]:
    """Afterwards the stack is stopped, whatever came of the test."""
    try:
        yield
    finally:
        supervisor.terminate()
        assert supervisor.wait(60) == 0


@pytest.mark.skipif(shutil.which("make") is None, reason="only where there is make")
def test_what_cannot_be_told_ends_with_one_line(command: Command) -> None:
    for variables, line in (
        (("SERVICE=credits",), "nothing runs here yet"),
        (("SERVICE=nobody",), "no such service: say SERVICE=<identity|"),
        ((), "no such service: say SERVICE=<identity|"),
    ):
        told = make(command, "parked", *variables)
        assert told.returncode != 0
        assert line in told.stdout
        assert len(told.stdout.strip().splitlines()) == 1, told.stdout
    assert "nothing to tell it" in make(command, "tell", "SERVICE=credits").stdout
    assert "nothing to tell it" in make(command, "tell", "SERVICE=credits", "DO=all").stdout
