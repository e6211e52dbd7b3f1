"""How fast bulk is sent: as fast as it goes, but no faster than it is worked in while somebody's single events come as well.

Sent faster, a file of thousands only fills the queues of those who must work it in, and takes the processors away from them
and from the single events between: everybody waits longer, and the file is not done sooner.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

BULK_PER_SECOND: Final = 1_000
"""Beside single events; about what one worker of credits takes in and recalculates on one core."""
ALONE_AFTER_SECONDS: Final = 1.0
"""So long after the last single event bulk is alone again."""
PACED_SECONDS: Final = 0.02
"""A pause in which the next few may be saved up."""
LARGEST_SAVING: Final = 50
"""However long nothing was sent, no more than so many go at once."""

Row = TypeVar("Row")


@dataclass(slots=True)
class Pace:
    """What may be sent of bulk, by what was sent of it and when a single event came last."""

    per_second: int = BULK_PER_SECOND
    now: Callable[[], float] = time.monotonic
    _single_at: float = float("-inf")
    _saved: float = 0.0
    _saved_at: float = 0.0

    def choose(self, singles: Sequence[Row], bulk: Sequence[Row], *, fresh: bool = True) -> list[Row]:
        """What is sent next: every single event first, then as much of bulk as there is room for; each in its order. Single
        events that are not `fresh`, because they have waited for older bulk or for the broker, slow nothing down."""
        now = self.now()
        if singles and fresh:
            self._single_at = now
        if now - self._single_at > ALONE_AFTER_SECONDS:
            return [*singles, *bulk]
        self._saved = min(self._saved + (now - self._saved_at) * self.per_second, LARGEST_SAVING)
        self._saved_at = now
        room = min(int(self._saved), len(bulk))
        self._saved -= room
        return [*singles, *bulk[:room]]
