"""Tells the person at the terminal what is being waited for, and how long each part took."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status


class Progress:
    """Steps that may overlap. On a terminal a line at the bottom names those under way; elsewhere each is one line."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._under_way: list[str] = []
        self._lock = threading.Lock()
        self._status: Status | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One part: shown while it runs, then with its seconds, or crossed out when it fails."""
        self._begin(name)
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self._end(name, f"[red]✗[/red] {name}")
            raise
        self._end(name, f"[green]✓[/green] {name} [dim]{time.monotonic() - started:.1f} s[/dim]")

    def _begin(self, name: str) -> None:
        with self._lock:
            self._under_way.append(name)
            if self.console.is_terminal:
                self._status = self._status or self._started()
                self._show()
            else:
                self.console.print(f"… {name}", highlight=False)

    def _end(self, name: str, line: str) -> None:
        with self._lock:
            self._under_way.remove(name)
            self.console.print(line, highlight=False)
            if self._status is not None and self._under_way:
                self._show()
            elif self._status is not None:
                self._status.stop()
                self._status = None

    def _started(self) -> Status:
        status = Status("", console=self.console)
        status.start()
        return status

    def _show(self) -> None:
        if self._status is not None:
            self._status.update(f"等待 / waiting for: {', '.join(self._under_way)}")
