"""What can go wrong before the stack stands: each message is one line that names the way out."""

from __future__ import annotations


class LocalStackError(Exception):
    """The stack cannot start or go on. The message is meant for the person at the terminal, in one line."""


class MissingToolError(LocalStackError):
    """A program of the operating system is not there; the message names how to get it or do without it."""


class ProcessDiedError(LocalStackError):
    """A child process ended while it was expected to run; carries the last lines of its log."""

    def __init__(self, name: str, returncode: int | None, log_tail: str) -> None:
        self.name = name
        self.log_tail = log_tail
        how = "not ready in time" if returncode is None else f"ended with code {returncode}"
        super().__init__(f"{name}: {how}")
