"""A command line with a folder of its own; whatever tests leave running is ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.integration.local.command import Command, OneRun
from tests.support.leftovers import processes_of


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path / "local")
    yield command
    end_all_of(command)


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneRun]:
    """For all tests of a module."""
    command = Command(tmp_path_factory.mktemp("run") / "local")
    yield OneRun(command)
    end_all_of(command)


def end_all_of(command: Command) -> None:
    for process in processes_of(command.directory):
        with suppress(ProcessLookupError):  # it may end by itself meanwhile
            os.kill(process.pid, signal.SIGKILL)
