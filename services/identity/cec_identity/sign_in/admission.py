"""How many password checks may wait at once, and who is next. More are told to come again, before anything costly has
been done for them.

Each check takes a processor for tens of milliseconds, and as many run as there are processors. Without a bound, a flood of
guesses would make a queue in which everybody waits for minutes; and devices that their accounts know go before all others.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from heapq import heappop, heappush
from itertools import count

from cec_chassis.problems import Refusal


class SignInBusy(Refusal):
    """More people want to sign in at this moment than passwords can be checked."""

    slug = "sign-in-busy"
    status = 503
    title = "登入人數過多,請稍候數秒再試 / Too many people are signing in; try again in a few seconds"


class Admission:
    """Places in the queue of one process. A quarter is kept for devices that their accounts know."""

    def __init__(self, places: int, at_once: int | None = None) -> None:
        """`at_once` checks run, as many as there are processors unless said otherwise."""
        self._places = places
        self._for_strangers = max(1, places - places // 4)
        self._taken = 0
        self._free = at_once or os.cpu_count() or 1
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @contextmanager
    def place(self, *, known_device: bool) -> Iterator[None]:
        """A place as long as the block lasts.

        Raises:
            SignInBusy: there is none.
        """
        if self._taken >= (self._places if known_device else self._for_strangers):
            raise SignInBusy(headers={"Retry-After": "2"})
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    @asynccontextmanager
    async def turn(self, *, known_device: bool) -> AsyncIterator[None]:
        """Waits until a processor is free: known devices first, and among equals whoever came first."""
        if self._free:
            self._free -= 1
        else:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (not known_device, next(self._numbers), mine))
            try:
                await mine
            except asyncio.CancelledError:
                if mine.done() and not mine.cancelled():  # the turn came, and nobody is there to take it
                    self._next()
                raise
        try:
            yield
        finally:
            self._next()

    def _next(self) -> None:
        """Hands the turn over; whoever has gone away meanwhile is passed by."""
        while self._waiting:
            _, _, waiting = heappop(self._waiting)
            if not waiting.done():
                waiting.set_result(None)
                return
        self._free += 1
