"""Free ports on the loopback, remembered so that a later start uses the same addresses again."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path

from cec_local.errors import LocalStackError

LOOPBACK = "127.0.0.1"
LOOPBACK_NAME = "localhost"
_ATTEMPTS = 200
# Below the range from which Linux takes ports for outgoing connections: a server that is restarted finds its port free.
_RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def accepts_connections(port: int) -> bool:
    """Whether something listens on `port` of the loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


class PortBook:
    """Ports by name, kept in a JSON file.

    A remembered port is given again while it is free, so addresses stay the same between starts; otherwise
    another is drawn. Two checkouts have two books, and what one uses the other sees as taken.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> int:
        """A free port for `name`, remembered for the next start."""
        return self.get_many(name)[name]

    def get_many(self, *names: str) -> dict[str, int]:
        """Free ports for several names, all different from one another and from every remembered port."""
        book = self._load()
        for name in names:
            remembered = book.get(name)
            if remembered is None or not is_free(remembered):
                book[name] = _another_port(taken=set(book.values()))
        self._save(book)
        return {name: book[name] for name in names}

    def _load(self) -> dict[str, int]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}  # a damaged book is no loss: ports are found anew
        return {str(name): int(port) for name, port in content.items()}

    def _save(self, book: dict[str, int]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._path.with_suffix(".new")
        scratch.write_text(json.dumps(book, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        scratch.replace(self._path)


def _another_port(taken: set[int]) -> int:
    for _ in range(_ATTEMPTS):
        port = random.choice(_RANGE)
        if port not in taken and is_free(port):
            return port
    raise LocalStackError(f"no free port on {LOOPBACK} between {_RANGE.start} and {_RANGE.stop - 1}")
