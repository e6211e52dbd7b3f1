"""Passwords that were published after breaches: looked up in a local file, never in a service that would hear of them.

The file is as the public collections of breached passwords come: SHA-1 in hexadecimal, one a line, in order, and after a
colon how often it was seen. It may have a thousand million lines (40 GB); it is searched where it lies, some thirty
looks for one password.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from pathlib import Path

_DIGITS = 40
_LINE = re.compile(rb"[0-9A-Fa-f]{40}(:[0-9]+)?\r?\n?")


class NotAListOfHashes(ValueError):
    """The file is no list of SHA-1 hashes; passwords are not accepted unchecked."""


class BreachedPasswords:
    """The list in a file, held open."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, NotAListOfHashes."""
        with path.open("rb") as file:
            if not _LINE.fullmatch(file.readline(100)):
                raise NotAListOfHashes(f"{path.name}: SHA-1 in hexadecimal expected, one a line, sorted")
            self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @classmethod
    def of(cls, path: str) -> BreachedPasswords | None:
        """The list of the setting, if there is one."""
        return cls(Path(path)) if path else None

    def contains(self, password: str) -> bool:
        """Whether this password, as it stands, is in the list. Reads the disk: call it in a thread."""
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        low, high = 0, len(self._lines)
        while low < high:
            middle = (low + high) // 2
            start = self._lines.rfind(b"\n", low, middle) + 1 or low
            found = self._lines[start : start + _DIGITS].upper()
            if found == wanted:
                return True
            if found > wanted:
                high = start
            else:
                end = self._lines.find(b"\n", middle)
                low = high if end < 0 else end + 1
        return False
