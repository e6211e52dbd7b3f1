"""Random secrets as files that only their owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


class SecretFiles:
    """A folder of secrets, one file each, mode 600. A secret is made when it is first asked for and then stays."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, name: str) -> Path:
        """The file of secret `name`, made with 32 random bytes (URL-safe text) when it is missing."""
        path = self._directory / name
        if not path.exists():
            self.write(name, secrets.token_urlsafe(32))
        return path

    def read(self, name: str) -> str:
        """The text of secret `name`, made when missing."""
        return self.path(name).read_text(encoding="utf-8").strip()

    def write(self, name: str, value: str) -> Path:
        """Put `value` in the file of secret `name`, in one step, and return the file."""
        path = self._directory / name
        scratch = self._directory / f".{name}.{os.getpid()}"
        scratch.unlink(missing_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value + "\n")
        scratch.replace(path)
        return path
