"""Ends the children of a starter that died without stopping them, soon after `GRACE_SECONDS`.

The kernel's signal at a starter's death (`setpriv --pdeathsig`) only asks. RabbitMQ closes its files at once and then
waits some five seconds on a timer of its own; a service may wait for a database that is ending, too. So one small
process per starter, in a session of its own, holds the reading end of a pipe: when the pipe closes, the starter is gone,
however it went, and what still lives after the grace is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock

from cec_local.process_table import ProcessId, await_end, families

GRACE_SECONDS = 1.5
"""Enough for PostgreSQL's fast shutdown and for RabbitMQ's files; whoever is late is restarted as after a crash."""


class DeathWatch:
    """The starter's side. The watching process begins with the first child and ends when the starter does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._watched: set[ProcessId] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def add(self, child: ProcessId) -> None:
        """From now on `child` and what it starts do not outlive this process by more than the grace."""
        with self._lock:
            self._watched = {known for known in self._watched if known.is_alive()} | {child}
            if self._process is None or not self._told([child]):
                self._process = self._begun()  # the first time, or somebody killed the one before
                self._told(self._watched)

    def _told(self, children: Iterable[ProcessId]) -> bool:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"".join(b"%d %d\n" % (child.pid, child.started) for child in children))
        except BrokenPipeError:
            self._process.wait()
            return False
        return True

    @staticmethod
    def _begun() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "cec_local.death_watch"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def keep_watch() -> None:
    """The watching process: hears of children until the pipe closes, then sees to their end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends with its starter and not before
    roots: set[ProcessId] = set()
    for line in sys.stdin:
        pid, started = line.split()
        roots.add(ProcessId(int(pid), int(started)))
    doomed = families(roots)
    if await_end(doomed, GRACE_SECONDS, every=0.1):
        return
    _kill(doomed)
    _kill(families(roots))  # begun meanwhile


def _kill(processes: Iterable[ProcessId]) -> None:
    for process in processes:
        if process.is_alive():
            with suppress(ProcessLookupError):  # ended between the look and the signal
                os.kill(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    keep_watch()
