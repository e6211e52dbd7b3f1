"""A large file is written once, whoever asks for it and however often."""

from __future__ import annotations

import asyncio

import pytest

from cec_credits.batch.written import Written


class Writer:
    """Counts how often it writes; waits until it is told to finish."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self.finish = asyncio.Event()
        self._error = error

    async def __call__(self) -> bytes:
        self.times += 1
        await self.finish.wait()
        if self._error is not None:
            raise self._error
        return b"file"


async def test_who_asks_while_it_is_written_waits_for_the_same_one() -> None:
    written, writer = Written(), Writer()
    asked = [asyncio.create_task(written.file("a", writer)) for _ in range(5)]
    await asyncio.sleep(0)
    writer.finish.set()
    assert await asyncio.gather(*asked) == [b"file"] * 5
    assert writer.times == 1


async def test_who_was_cut_off_finds_it_at_the_next_try() -> None:
    written, writer = Written(), Writer()
    cut_off = asyncio.create_task(written.file("a", writer))
    await asyncio.sleep(0)
    cut_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    writer.finish.set()
    assert await written.file("a", writer) == b"file"
    assert await written.file("a", writer) == b"file"
    assert writer.times == 1


async def test_what_failed_or_is_long_done_is_written_anew() -> None:
    written, failing, writer = Written(kept_seconds=0), Writer(OSError("disk full")), Writer()
    failing.finish.set()
    writer.finish.set()
    with pytest.raises(OSError, match="disk full"):
        await written.file("a", failing)
    await asyncio.sleep(0)
    for _ in range(2):
        await written.file("a", writer)
        await asyncio.sleep(0.01)
    assert writer.times == 2
