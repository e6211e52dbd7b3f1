"""Whether two things take equally long, on a machine that does other things as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from statistics import median

import pytest

ROUNDS = 6

Measured = Callable[[], Awaitable[float]]
"""Does it once; the seconds that it took."""


async def take_equally_long(
    one: Measured, other: Measured, *, times: int, between: Callable[[], object], slack: float = 0.0
) -> None:
    """Fails when the medians differ by more than the factor of two and `slack` seconds, in every round.

    They are done in turn, so that what slows the machine slows both. Load can still disturb a round; it does not disturb
    six in the same way, as does a difference in what is done. `between` comes between two rounds.
    """
    rounds: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        if number:
            between()
        took = [(await one(), await other()) for _ in range(times)]
        medians = (median(first for first, _ in took), median(second for _, second in took))
        if max(medians) <= 2 * min(medians) + slack:
            return
        rounds.append(medians)
    pytest.fail(f"one and the other took, in seconds: {rounds}")
