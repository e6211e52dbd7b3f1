"""A stack of which something is killed: one of its servers, one of its services."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.support.eventually import eventually

from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


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
