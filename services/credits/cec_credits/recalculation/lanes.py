"""Two lanes of marks, each worked in by itself: single facts, and what thousands bring at once.

So a single fact waits neither for an import nor behind it. Whoever takes facts in wakes the lane of this process, so that it
need not wait for its next poll; marks of other replicas, or of a process that died, are found by polling.

A flood is worked in with patience: while facts arrive by the batchful, a mark waits up to half a second for the others of
its practitioner, and one recalculation does for all of them. A queue that has stood for an hour holds dozens for each.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Final

FLOOD: Final = 30
"""So many facts in one batch say that many more wait behind them."""
FLOOD_LASTS_SECONDS: Final = 0.25
PATIENCE: Final = timedelta(milliseconds=500)
NONE: Final = timedelta()
PAUSE_SECONDS: Final = 0.1
"""Between two looks for marks that have waited long enough."""
COALESCE_SECONDS: Final = 0.02
"""A roster file arrives as many small batches; a blink of waiting makes one recalculation of several of them."""


class Lane:
    """What one process knows of one lane: whether there is work, and whether facts come in a flood."""

    def __init__(self, *, in_bulk: bool, batch: int) -> None:
        self.in_bulk = in_bulk
        self.batch = batch
        """How many marks one transaction takes at most."""
        self._work = asyncio.Event()
        self._flood_ends_at = 0.0

    def told(self, facts: int) -> None:
        """So many facts have been committed together."""
        self._flood_ends_at = time.monotonic() + FLOOD_LASTS_SECONDS if facts >= FLOOD else 0.0
        self.wake()

    def wake(self) -> None:
        """There is work; whether a flood goes on is not said."""
        self._work.set()

    @property
    def patience(self) -> timedelta:
        """How long a mark is left to wait for more of its practitioner; not at all when there is no flood."""
        return PATIENCE if time.monotonic() < self._flood_ends_at else NONE

    async def work_or_timeout(self, seconds: float) -> None:
        """Returns a blink after the next facts, or after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._work.wait()
        except TimeoutError:
            return
        self._work.clear()
        await asyncio.sleep(PAUSE_SECONDS if self.patience else COALESCE_SECONDS)


SINGLES: Final = Lane(in_bulk=False, batch=400)
BULK: Final = Lane(in_bulk=True, batch=100)
"""Small batches: single facts, which share processor and database, come soon between two of them."""
LANES: Final = (SINGLES, BULK)


def lane_of(*, in_bulk: bool) -> Lane:
    return BULK if in_bulk else SINGLES


def nudge() -> None:
    """There is work, in whichever lane."""
    for lane in LANES:
        lane.wake()
