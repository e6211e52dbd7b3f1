"""`make run` when something is killed: the supervisor, one of its servers, one of its services."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.integration.local.command import Command, up
from tests.support.eventually import eventually
from tests.support.leftovers import processes_of

from cec_local.death_watch import GRACE_SECONDS
from cec_local.process_table import await_end
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
MORE_THAN_ONE_OF_EACH = 15
STOP_SECONDS = 60
A_LITTLE = 1.5


async def test_whatever_dies_is_noticed_and_the_cause_is_named_first(tmp_path: Path) -> None:
    stack = Stack(tmp_path, names=("identity",))
    stack.start()
    try:
        for child in [
            *stack.gateway.processes(),
            *stack.services.values(),
            *stack.rabbit.processes(),
            *stack.postgres.processes(),
        ]:
            assert stack.dead() == []
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            await eventually(lambda: bool(stack.dead()), within=2)
            assert stack.dead()[0] is child
            assert str(child.died()) == f"{child.name} 已被 SIGKILL 結束 / was ended by SIGKILL"
            child.start()
    finally:
        stack.stop()


async def test_a_server_that_dies_ends_everything_with_one_clear_line_and_code_1(command: Command) -> None:
    supervisor = command.start()
    await up(command, supervisor)
    left = processes_of(command.directory)
    os.kill(command.process("rabbitmq/pid.json").pid, signal.SIGKILL)
    assert supervisor.wait(STOP_SECONDS) == 1, command.output()
    last = command.output().strip().splitlines()[-1]
    assert last.startswith("✗ rabbitmq 已被 SIGKILL 結束 / was ended by SIGKILL"), command.output()
    assert await_end(left, 5)
    assert command.call("status").returncode == 3


async def test_kill_minus_nine_leaves_nothing_after_3_s_and_the_next_start_is_not_hindered(command: Command) -> None:
    supervisor = command.start()
    first = await up(command, supervisor)
    left = processes_of(command.directory)
    assert len(left) > MORE_THAN_ONE_OF_EACH
    supervisor.kill()
    supervisor.wait()
    assert await_end(left, GRACE_SECONDS + A_LITTLE), [process for process in left if process.is_alive()]

    supervisor = command.start()
    assert await up(command, supervisor) == first, "the address stays the same"
    left = processes_of(command.directory)
    assert "stopped" in command.call("stop").stdout
    assert supervisor.wait(5) == 0
    assert await_end(left, 5)


async def test_it_can_be_stopped_in_the_background_of_a_shell_that_ignores_ctrl_c(command: Command) -> None:
    supervisor = command.start("sh", "-c", 'trap "" INT; exec "$@"', "sh")
    await up(command, supervisor)
    left = processes_of(command.directory)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(STOP_SECONDS) == 0, command.output()
    assert await_end(left, 5)
