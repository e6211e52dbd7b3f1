"""Somebody who hears everything that goes over the bus, and changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from cec_chassis.bus.connection import connected
from cec_contracts.catalogue import EVENTS
from cec_contracts.envelope import CloudEvent
from cec_local.services import Broker


@dataclass
class Spy:
    """`bodies` are the messages as they were on the wire, in order of arrival."""

    bodies: list[bytes] = field(default_factory=list)

    def all(self) -> list[CloudEvent]:
        """Everything so far."""
        return [_decode(body) for body in self.bodies]

    def events(self, subject: str) -> list[CloudEvent]:
        """What was said about one aggregate."""
        return [event for event in self.all() if event.subject == subject]

    async def _hear(self, message: AbstractIncomingMessage) -> None:
        self.bodies.append(message.body)


_decode = msgspec.json.Decoder(CloudEvent).decode


@asynccontextmanager
async def listening(broker: Broker) -> AsyncIterator[Spy]:
    """A queue of its own at every exchange, gone when the block is left."""
    spy = Spy()
    exchanges = {event.exchange for event in EVENTS.values()}
    internal = sorted(exchange for exchange in exchanges if exchange != "cec.public")
    async with connected(broker.internal, "spy") as inside, connected(broker.public, "spy") as outside:
        await _listen(inside, internal, spy)
        await _listen(outside, ["cec.public"], spy)
        yield spy


async def _listen(connection: AbstractConnection, exchanges: list[str], spy: Spy) -> None:
    channel = await connection.channel()
    queue = await channel.declare_queue(exclusive=True)
    for exchange in exchanges:
        await queue.bind(exchange, "#")
    await queue.consume(spy._hear, no_ack=True)
