"""How many messages a consumer takes into one transaction."""

from __future__ import annotations

import asyncio
from typing import Any

from cec_chassis.bus.consumer import Consumer

ANY: Any = None


async def next_of(consumer: Consumer, arrived: asyncio.Queue[Any]) -> list[Any]:
    return await consumer._next(arrived)


async def test_a_batch_waits_for_more_as_long_as_more_arrive() -> None:
    consumer = Consumer("probe", (), ANY, ANY, batch=10, linger_seconds=0.05)
    arrived: asyncio.Queue[Any] = asyncio.Queue()

    async def trickle() -> None:
        for number in range(4):
            arrived.put_nowait(number)
            await asyncio.sleep(0.03)

    _, taken = await asyncio.gather(trickle(), next_of(consumer, arrived))
    assert taken == [0, 1, 2, 3]


async def test_what_comes_alone_waits_one_blink() -> None:
    consumer = Consumer("probe", (), ANY, ANY, batch=10, linger_seconds=0.05)
    arrived: asyncio.Queue[Any] = asyncio.Queue()
    arrived.put_nowait("alone")
    begun = asyncio.get_running_loop().time()
    assert await next_of(consumer, arrived) == ["alone"]
    assert asyncio.get_running_loop().time() - begun < 2 * consumer.linger_seconds


async def test_a_full_batch_waits_for_nothing() -> None:
    consumer = Consumer("probe", (), ANY, ANY, batch=2, linger_seconds=60.0)
    arrived: asyncio.Queue[Any] = asyncio.Queue()
    for number in range(3):
        arrived.put_nowait(number)
    assert await asyncio.wait_for(next_of(consumer, arrived), 5) == [0, 1]
    assert arrived.qsize() == 1
