"""The cycle collector of a process that lives long and makes much that ends at once."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 10_000
"""Objects before the first look; with Python's 700 a worker spends a tenth of its time looking through what it never frees."""
GENERATIONS: Final = 10


def look_seldom() -> None:
    """Whatever is there by now, modules above all, stays for good and is never looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, GENERATIONS, GENERATIONS)
