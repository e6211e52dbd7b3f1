"""What can go wrong before the stack stands: each message is one line that names the way out."""

from __future__ import annotations

import signal


class LocalStackError(Exception):
    """The stack cannot start or go on. The message is meant for the person at the terminal, in one line."""


class MissingToolError(LocalStackError):
    """A program of the operating system is not there; the message names how to get it or do without it."""


class ProcessDiedError(LocalStackError):
    """A child process ended while it was expected to run; carries the last lines of its log."""

    def __init__(self, name: str, returncode: int | None, log_tail: str) -> None:
        self.name = name
        self.log_tail = log_tail
        super().__init__(f"{name} {_ending(returncode)}")


def _ending(returncode: int | None) -> str:
    if returncode is None:
        return "未能及時就緒 / was not ready in time"
    if returncode < 0:
        name = signal.Signals(-returncode).name
        return f"已被 {name} 結束 / was ended by {name}"
    return f"自行結束,代碼 {returncode} / ended by itself with code {returncode}"
