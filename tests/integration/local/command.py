"""`python -m cec_local …` as a person gives it, with its state in a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.eventually import eventually

from cec_local.paths import checkout_root
from cec_local.process_table import ProcessId, identify
from cec_local.stack_lock import StackLock

START_SECONDS = 120


class Command:
    """The command line, the folder, and what was printed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "run").mkdir(parents=True)
        (directory / "run" / "demo-done").touch()  # the demo has a test of its own
        self._environment = {**os.environ, "CEC_LOCAL_DIRECTORY": str(directory)}
        self._output = directory / "output"

    def start(self, *before: str) -> subprocess.Popen[bytes]:
        """`run`; with words before it, such as a shell that sets signals up."""
        with self._output.open("wb") as output:
            return subprocess.Popen(
                [*before, sys.executable, "-m", "cec_local", "run"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def call(
        self, *words: str, program: Sequence[str] = (sys.executable, "-m", "cec_local")
    ) -> subprocess.CompletedProcess[str]:
        """Any other command, to its end."""
        return subprocess.run(
            [*program, *words], env=self._environment, capture_output=True, text=True, check=False, timeout=60
        )

    def make(self, target: str, *variables: str) -> subprocess.CompletedProcess[str]:
        """The Makefile's target, without `make setup` before it: what is tested here stands already."""
        program = ("make", "-s", "-C", str(checkout_root()), "-o", "setup")
        return self.call(target, *variables, program=program)

    def output(self) -> str:
        """All that `run` has printed."""
        return self._output.read_text(encoding="utf-8")

    def is_up(self) -> bool:
        """Whether everything is, as `status` finds it, without a process for each question."""
        running = StackLock(self.directory).running()
        return running is not None and running.gateway != ""

    def gateway(self) -> str | None:
        """The address that `status` names, once everything is up."""
        found = re.search(r"at (http://\S+)", self.call("status").stdout)
        return found.group(1) if found else None

    def process(self, pid_file: str) -> ProcessId:
        """One process of the running stack, by its pid file below `run/`."""
        found = re.search(r'"pid": (\d+)', (self.directory / "run" / pid_file).read_text(encoding="utf-8"))
        assert found is not None
        process = identify(int(found.group(1)))
        assert process is not None, pid_file
        return process


class OneRun:
    """`run` in one folder, up for every test that needs it: a test that ends it leaves it to the next to start it again."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._supervisor: subprocess.Popen[bytes] | None = None

    async def up(self, *before: str) -> tuple[subprocess.Popen[bytes], str]:
        """What runs, and the gateway's address. Words before it, as for `Command.start`, make it start anew."""
        if self._supervisor is not None and self._supervisor.poll() is None:
            if not before:
                address = self.command.gateway()
                assert address is not None
                return self._supervisor, address
            self.command.call("stop")
            self._supervisor.wait(60)
        self._supervisor = self.command.start(*before)
        return self._supervisor, await up(self.command, self._supervisor)


async def up(command: Command, supervisor: subprocess.Popen[bytes]) -> str:
    """Waits until the stack is up; returns the gateway's address. Fails at once when the command ends before."""

    def settled() -> bool:
        return supervisor.poll() is not None or command.is_up()

    await eventually(settled, within=START_SECONDS, every=0.1, what="the stack is up")
    assert supervisor.poll() is None, command.output()
    address = command.gateway()
    assert address is not None
    return address
