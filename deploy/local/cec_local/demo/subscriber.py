"""Another government system: its own account, its own queue, and nothing else it may touch."""

from __future__ import annotations

import asyncio
from typing import Any

import aio_pika
import msgspec


async def received_events(amqp_url: str, queue: str, patience: float = 3.0) -> list[dict[str, Any]]:
    """Everything that waits in the subscriber's queue, in order of arrival; done when nothing came for a while."""
    events: list[dict[str, Any]] = []
    connection = await aio_pika.connect(amqp_url, timeout=10)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=100)
        found = await channel.get_queue(queue, ensure=False)
        arrived: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()

        async def arrive(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            arrived.put_nowait(message)

        await found.consume(arrive)
        while True:
            try:
                message = await asyncio.wait_for(arrived.get(), patience if not events else 0.5)
            except TimeoutError:
                return events
            events.append(msgspec.json.decode(message.body))
            await message.ack()
