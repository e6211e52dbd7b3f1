"""A command line with a folder of its own; whatever a test leaves running is ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.local.command import Command
from tests.support.leftovers import processes_of


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path / "local")
    yield command
    for process in processes_of(command.directory):
        os.kill(process.pid, signal.SIGKILL)
