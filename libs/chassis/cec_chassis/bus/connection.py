"""Connections to the broker. Publishing and consuming never share one (trap A4): while the broker blocks publishers,
acknowledgements on the same connection are swallowed.

Plain connections, not the library's robust ones: after a loss we build connection, channel, topology and consumer
anew, in one place, with jittered back-off, and know exactly what was settled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from yarl import URL

HEARTBEAT_SECONDS = 10
"""A dead peer is noticed after (10 + 1) × 3 = 33 s; the default of 60 would take 183 s (trap A8). An address may name
its own: `amqp://…/vhost?heartbeat=5`."""
CONNECT_TIMEOUT_SECONDS = 10
CLOSE_TIMEOUT_SECONDS = 2
"""A silent peer never answers a close; a living one does so in milliseconds."""


async def connect(url: str, name: str) -> AbstractConnection:
    """Raises ConnectionError or TimeoutError when the broker does not answer (trap A11: never waits for ever)."""
    address = URL(url)
    if "heartbeat" not in address.query:
        address = address.update_query(heartbeat=HEARTBEAT_SECONDS)
    async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
        return await aio_pika.connect(
            address, timeout=CONNECT_TIMEOUT_SECONDS, client_properties={"connection_name": name}
        )


@asynccontextmanager
async def connected(url: str, name: str) -> AsyncIterator[AbstractConnection]:
    connection = await connect(url, name)
    try:
        yield connection
    finally:
        await close_quietly(connection)


async def publishing_channel(connection: AbstractConnection) -> AbstractChannel:
    """Confirms on, and a returned message is an exception and not a success in disguise (trap A2)."""
    return await connection.channel(publisher_confirms=True, on_return_raises=True)


def is_told_to_end(error: BaseException) -> bool:
    """Whether `error` is the cancellation of the current task. When a connection breaks, the client library lets
    cancellations of its own tasks escape; taken for ours, they would end a worker or a relay without a word.

    Any other error is one that the caller survives. Then the count of cancellations is set right, too: a TaskGroup of
    Python 3.11 whose child fails last counts one that nobody asked for.
    """
    task = asyncio.current_task()
    if task is None:
        return True
    if isinstance(error, asyncio.CancelledError) and task.cancelling():
        return True
    while task.cancelling():
        task.uncancel()
    return False


async def close_quietly(connection: AbstractConnection) -> None:
    """Closing what is broken may fail or hang; the broker takes unsettled messages back either way."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
            await connection.close()
    except (TimeoutError, OSError, aio_pika.exceptions.AMQPError, RuntimeError):
        return
