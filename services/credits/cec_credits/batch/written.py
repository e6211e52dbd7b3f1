"""Large files are written once: whoever asks meanwhile waits for the same one, and whoever was cut off before it was done, by a
gateway or by a lost connection, finds it at the next try."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

KEPT_SECONDS: Final = 120.0


class Written:
    """Files that are being written, and those that were a moment ago."""

    def __init__(self, kept_seconds: float = KEPT_SECONDS) -> None:
        self._kept_seconds = kept_seconds
        self._files: dict[Hashable, asyncio.Future[bytes]] = {}

    async def file(self, key: Hashable, write: Callable[[], Awaitable[bytes]]) -> bytes:
        """The file of this name; `write` makes it, and goes on when whoever asked first does not wait for it."""
        under_way = self._files.get(key)
        if under_way is None:
            under_way = self._files[key] = asyncio.ensure_future(write())
            under_way.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(under_way)

    def _done(self, key: Hashable, done: asyncio.Future[bytes]) -> None:
        failed = done.cancelled() or done.exception() is not None
        done.get_loop().call_later(0 if failed else self._kept_seconds, self._files.pop, key)
