"""Declares exchanges, queues and bindings. Every process declares what it uses, so start order does not matter.

Arguments are identical wherever a thing is declared: a difference closes the channel with 406 (trap A13).
Everything is durable and of explicit type, which RabbitMQ 3.10 to 4.x understand alike (traps A12, 8.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractQueue

from cec_chassis.bus.names import PUBLIC_EXCHANGE, PUBLIC_LOG, RETRY_DELAYS, UNROUTED, QueueNames, bulk_exchange
from cec_chassis.failpoints import hit

DELIVERY_LIMIT = 20
"""Broker-side backstop against a message that kills its consumer; ordinary attempts are counted by ourselves."""

RetryDelays = Sequence[tuple[str, int]]


def quorum(**extra: Any) -> dict[str, Any]:
    return {"x-queue-type": "quorum", **extra}


async def declare_unrouted(channel: AbstractChannel) -> None:
    """What nobody was bound for. Bounded: the outbox keeps every event anyway, this queue is an alarm."""
    await channel.declare_exchange(UNROUTED, ExchangeType.FANOUT, durable=True)
    queue = await channel.declare_queue(
        UNROUTED, durable=True, arguments=quorum(**{"x-max-length": 100_000, "x-overflow": "drop-head"})
    )
    await queue.bind(UNROUTED)


async def declare_publishers(channel: AbstractChannel, publishers: Iterable[str]) -> None:
    """The topic exchanges of these publishers, for single events and for bulk, with the alternate exchange behind them."""
    await declare_unrouted(channel)
    for publisher in sorted(set(publishers)):
        for name in (f"cec.{publisher}", bulk_exchange(publisher)):
            await channel.declare_exchange(
                name, ExchangeType.TOPIC, durable=True, arguments={"alternate-exchange": UNROUTED}
            )


async def declare_consumer(
    channel: AbstractChannel, names: QueueNames, event_types: Iterable[str], delays: RetryDelays = RETRY_DELAYS
) -> AbstractQueue:
    """The queues of one consuming service, bound to the events it subscribes to. Returns the live queue."""
    types = sorted(set(event_types))
    await declare_publishers(channel, (name.split(".")[1] for name in types))
    await hit("topology.during_declare")
    await channel.declare_queue(names.dead, durable=True, arguments=quorum(**{"x-delivery-limit": 1_000_000}))
    to_dead = {
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": names.dead,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    queue = await channel.declare_queue(names.events, durable=True, arguments=quorum(**to_dead))
    slow_lane = await channel.declare_queue(names.replay, durable=True, arguments=quorum(**to_dead))
    for label, milliseconds in delays:
        await channel.declare_queue(
            names.retry(label),
            durable=True,
            arguments=quorum(
                **{
                    "x-message-ttl": milliseconds,
                    "x-dead-letter-exchange": "",
                    "x-dead-letter-routing-key": names.events,
                    "x-dead-letter-strategy": "at-least-once",
                    "x-overflow": "reject-publish",
                }
            ),
        )
    for name in types:
        publisher = name.split(".")[1]
        await queue.bind(f"cec.{publisher}", routing_key=name)
        await slow_lane.bind(bulk_exchange(publisher), routing_key=name)
    return queue


async def declare_public(channel: AbstractChannel) -> None:
    """The exchange other systems listen to, in a virtual host of its own, and its 30-day log they may replay."""
    await channel.declare_exchange(PUBLIC_EXCHANGE, ExchangeType.TOPIC, durable=True)
    log = await channel.declare_queue(
        PUBLIC_LOG, durable=True, arguments={"x-queue-type": "stream", "x-max-age": "30D"}
    )
    await log.bind(PUBLIC_EXCHANGE, routing_key="#")


async def declare_subscriber(channel: AbstractChannel, subscriber: str, event_types: Iterable[str]) -> str:
    """The queue of one outside subscriber, declared by us so that a sleeping one cannot fill the disk. Returns its name."""
    await declare_public(channel)
    name = f"gov.{subscriber}.events"
    queue = await channel.declare_queue(
        name,
        durable=True,
        arguments=quorum(
            **{"x-message-ttl": 14 * 24 * 3_600_000, "x-max-length": 1_000_000, "x-overflow": "drop-head"}
        ),
    )
    for event_type in event_types:
        await queue.bind(PUBLIC_EXCHANGE, routing_key=event_type)
    return name
