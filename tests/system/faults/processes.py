"""Service processes for tests that kill them: started by the zygote, watched, stopped in order or not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from tests.support.eventually import eventually

ROOT = Path(__file__).parents[3]


@dataclass
class ServiceProcess:
    """One running service process."""

    name: str
    pid: int
    output: Path
    zygote: Zygote

    @property
    def code(self) -> int | None:
        """How it ended (negative: by that signal), or None while it runs."""
        return self.zygote.poll(self.pid)

    @property
    def has_ended(self) -> bool:
        return self.code is not None

    def kill(self) -> None:
        """As a crash would."""
        self._signal(signal.SIGKILL)

    def suspend(self) -> None:
        """It stands still and keeps all its connections."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    async def stop(self) -> None:
        """In good order; anything else than exit code 0 within 30 s fails the test with what it printed."""
        self._signal(signal.SIGTERM)
        await eventually(lambda: self.has_ended, within=30, what=f"{self.name} ends after SIGTERM")
        assert self.code == 0, self.said()

    async def end(self) -> int:
        """Waits for it to end by itself; its code."""
        await eventually(lambda: self.has_ended, within=30, what=f"{self.name} ends")
        assert self.code is not None
        return self.code

    def said(self) -> str:
        """The end of what it printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")[-4000:]

    def _signal(self, number: signal.Signals) -> None:
        if not self.has_ended:
            os.kill(self.pid, number)


class Zygote:
    """Starts service processes; when it is closed, none of them is left."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._started = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.faults.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )

    def start(self, service: str, arguments: Sequence[str], environment: Mapping[str, str]) -> ServiceProcess:
        """`python -m cec_<service> <arguments>`."""
        self._started += 1
        name = "-".join([service, *arguments[:1]])
        output = self._directory / f"{self._started:03d}-{name}.log"
        order = {
            "service": service,
            "arguments": list(arguments),
            "environment": {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment},
            "output": str(output),
        }
        pid = self._ask({"start": order})
        assert pid is not None
        return ServiceProcess(name, pid, output, self)

    def poll(self, pid: int) -> int | None:
        return self._ask({"poll": pid})

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _ask(self, order: dict[str, object]) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the zygote has died"
        return msgspec.json.decode(answer, type=int | None)
