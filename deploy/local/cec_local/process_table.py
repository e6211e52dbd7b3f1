"""What the kernel says about processes: who lives, who descends from whom (Linux, read from /proc)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class ProcessId:
    """A process, told apart from a later one that happens to get the same number by when it began."""

    pid: int
    started: int
    """Clock ticks after boot."""

    def is_alive(self) -> bool:
        """Whether it still runs; one that has ended but was not waited for counts as ended."""
        status = _status(self.pid)
        return status is not None and status.started == self.started and status.state not in "ZX"


@dataclass(frozen=True)
class _Status:
    state: str
    parent: int
    session: int
    started: int


def identify(pid: int) -> ProcessId | None:
    """The process that has number `pid` now, or None."""
    status = _status(pid)
    return None if status is None or status.state in "ZX" else ProcessId(pid, status.started)


def with_descendants(root: ProcessId) -> list[ProcessId]:
    """`root` (if it lives) and everything it started, directly or not, parents before children."""
    children: dict[int, list[ProcessId]] = {}
    for process, status in _everybody():
        children.setdefault(status.parent, []).append(process)
    found = [root] if root.is_alive() else []
    for process in found:  # grows while it is walked
        found.extend(children.get(process.pid, ()))
    return found


def families(roots: Collection[ProcessId]) -> set[ProcessId]:
    """Every living process that one of `roots` started, directly or not, or that is of the session one of them began:
    that holds even when it and whoever started them have ended.

    A number is not given to a new process while a session bears it, so they are nobody else's. One look at the machine.
    """
    everybody = [(process, status) for process, status in _everybody() if status.state not in "ZX"]
    began = {root.pid: root.started for root in roots}
    found = {
        process
        for process, status in everybody
        if process in roots or process.started >= began.get(status.session, process.started + 1)
    }
    grown = True
    while grown:
        parents = {process.pid for process in found}
        more = {process for process, status in everybody if status.parent in parents} - found
        found |= more
        grown = bool(more)
    return found


def kill_tree(root: ProcessId, timeout: float = 10.0) -> None:
    """SIGKILL `root` and all its descendants and wait until none is left (at most `timeout` seconds)."""
    doomed = with_descendants(root)
    for process in doomed:
        if process.is_alive():
            with suppress(ProcessLookupError):  # ended between the look and the signal
                os.kill(process.pid, signal.SIGKILL)
    await_end(doomed, timeout)


def await_end(processes: Collection[ProcessId], timeout: float, *, every: float = _POLL_SECONDS) -> bool:
    """Wait until every one of `processes` has ended, looking each `every` seconds; False when `timeout` seconds passed
    before that."""
    deadline = time.monotonic() + timeout
    while any(process.is_alive() for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def _everybody() -> Iterator[tuple[ProcessId, _Status]]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (status := _status(int(entry.name))) is not None:
            yield ProcessId(int(entry.name), status.started), status


def _status(pid: int) -> _Status | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets and may hold anything, brackets too.
    fields = text[text.rindex(")") + 2 :].split()
    return _Status(state=fields[0], parent=int(fields[1]), session=int(fields[3]), started=int(fields[19]))
