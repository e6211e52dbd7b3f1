"""How many password checks may wait at once, and who is next. More are told to come again, before anything costly has
been done for them.

Each check takes a processor for tens of milliseconds, and as many run as there are processors. Without a bound, a flood of
guesses would make a queue in which everybody waits for minutes; and devices that their accounts know go before all others.

The same holds for connections to the database: the attempts of strangers are counted in one row, and wait for one another
there. They have most of the pool and never all of it.
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


class _Lane:
    """So many connections, and not one more, for callers of one kind."""

    def __init__(self, connections: int, most: int) -> None:
        self._free = asyncio.Semaphore(max(1, connections))
        self._most = most
        self._within = 0

    @property
    def full(self) -> bool:
        """Whether so many have or want one that the next would wait too long."""
        return self._within >= self._most

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[None]:
        self._within += 1
        try:
            async with self._free:
                yield
        finally:
            self._within -= 1


class Admission:
    """Places in the queue of one process. A quarter is kept for devices that their accounts know."""

    def __init__(self, places: int, at_once: int | None = None, connections: int = 5) -> None:
        """`at_once` checks run, as many as there are processors unless said otherwise; `connections` are in the pool:
        two are kept from strangers, and one of them from tokens of devices that nobody has looked at."""
        self._places = places
        self._strangers = _Lane(connections - 2, 2 * places)
        # One read each, and hundreds are done in a second.
        self._unseen_tokens = _Lane(1, 16 * places)
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
    async def first_look(self, *, brings_token: bool) -> AsyncIterator[None]:
        """May use a connection to find out who is there. Whoever brings the token of a device may have made it up, and
        waits only behind others who bring one.

        Raises:
            SignInBusy: so many wait that the answer would come too late.
        """
        lane = self._unseen_tokens if brings_token else self._strangers
        if lane.full:
            raise SignInBusy(headers={"Retry-After": "2"})
        async with lane.connection():
            yield

    @asynccontextmanager
    async def connection(self, *, known_device: bool) -> AsyncIterator[None]:
        """May use a connection; strangers wait until they may. They have a place, so they are not many."""
        if known_device:
            yield
            return
        async with self._strangers.connection():
            yield

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
