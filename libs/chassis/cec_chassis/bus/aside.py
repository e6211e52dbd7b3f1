"""Bad messages wait here for their way up the retry ladder or into parking, while the good ones go on.

Putting one aside needs a confirmed publish, and a broker that is short of memory confirms none for as long as that
lasts. A consumer that waited for it would stop taking in; one that gave up would get the same messages again, the bad
one first.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aio_pika.abc import AbstractIncomingMessage

    from cec_chassis.bus.settle import Settler


class Aside:
    """One after the other, so that no message is in flight twice on the settling channel (trap A1)."""

    def __init__(self, settler: Settler) -> None:
        self._settler = settler
        self._waiting: asyncio.Queue[tuple[AbstractIncomingMessage, Exception]] = asyncio.Queue()
        self._unsettled = 0

    def put(self, message: AbstractIncomingMessage, error: Exception) -> None:
        self._unsettled += 1
        self._waiting.put_nowait((message, error))

    @property
    def is_empty(self) -> bool:
        """Every message that was put here is acknowledged."""
        return self._unsettled == 0

    async def run(self) -> None:
        """Until cancelled, or until the broker refuses or is gone; whoever waits for `emptied` must watch this too."""
        while True:
            message, error = await self._waiting.get()
            await self._settler.refuse(message, error)
            self._unsettled -= 1
            self._waiting.task_done()

    async def emptied(self) -> None:
        """Returns when nothing waits any more."""
        await self._waiting.join()
