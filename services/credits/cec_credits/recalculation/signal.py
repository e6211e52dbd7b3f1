"""Tells the recalculation of this process that there is work, so that it need not wait for its next poll.

Only a nudge: marks of other replicas, or of a process that died, are found by polling.
"""

from __future__ import annotations

import asyncio

_work = asyncio.Event()


def nudge() -> None:
    _work.set()


async def work_or_timeout(seconds: float) -> None:
    """Returns at the next nudge, or after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await _work.wait()
    except TimeoutError:
        return
    _work.clear()
