"""One stack per checkout: who runs it, where, and since when."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cec_local.errors import LocalStackError
from cec_local.process_table import await_end, identify

_STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Running:
    """A stack that runs now."""

    pid: int
    what: str
    """The command that started it: `run`, `demo` …"""
    since: str
    gateway: str
    """Its address; empty while it is still starting."""
    directory: str = ""
    """Where its state is, absolute; empty while it is still starting."""

    def __str__(self) -> str:
        where = f" at {self.gateway}" if self.gateway else ", still starting"
        return f"`{self.what}` (process {self.pid}) since {self.since}{where}"


class StackLock:
    """Held while a stack runs; the kernel lets go of it when the holder ends, however it ends."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "stack.lock"
        self._file: IO[str] | None = None
        self._what = ""
        self._since = ""

    def take(self, what: str) -> None:
        """Become the one stack of this checkout. Raises `LocalStackError`, naming the one that runs already."""
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise LocalStackError(
                f"此處已在執行 / already running here: {self.running() or 'another start'}. 請於該處按 Ctrl-C 或執行 `make stop`"
                " / Stop it with Ctrl-C there or with `make stop`"
            ) from None
        self._file, self._what = file, what
        self._since = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
        self.announce("")

    def announce(self, gateway: str, directory: str = "") -> None:
        """Tell others where the system is."""
        assert self._file is not None
        content = Running(os.getpid(), self._what, self._since, gateway, directory)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(asdict(content)) + "\n")
        self._file.flush()

    def release(self) -> None:
        """Let the next one in."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def running(self) -> Running | None:
        """The stack that runs now, or None."""
        try:
            with self._path.open("r", encoding="utf-8") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return Running(**json.load(file))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return None

    def stop_running(self) -> Running | None:
        """Ask the stack that runs to stop and wait for it; returns what it was, or None when none ran."""
        running = self.running()
        process = identify(running.pid) if running is not None else None
        if running is None or process is None:
            return None
        os.kill(process.pid, signal.SIGTERM)
        if not await_end([process], _STOP_SECONDS):
            raise LocalStackError(f"{running} does not stop; look at .local/log, or end process {running.pid}")
        while self.running() is not None:
            time.sleep(0.05)
        return running
