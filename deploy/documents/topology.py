"""Which exchanges and queues the code declares, learned by letting it declare them on a channel that only listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from cec_chassis.bus.names import PUBLIC_PUBLISHER, QueueNames
from cec_chassis.bus.topology import declare_consumer, declare_public, declare_publishers, declare_subscriber
from cec_chassis.service import Service
from cec_contracts.asyncapi import Exchange, Participant, Queue, Topology

EXAMPLE_SUBSCRIBER = "example"


@dataclass
class _Declared:
    """A queue that can be bound."""

    name: str
    arguments: dict[str, Any]
    bindings: list[tuple[str, str]] = field(default_factory=list)

    async def bind(self, exchange: str, routing_key: str | None = None) -> None:
        self.bindings.append((exchange, routing_key or ""))


@dataclass
class _Listening:
    """Looks like a channel to the code that declares, and writes down what it hears."""

    exchanges: dict[str, Exchange] = field(default_factory=dict)
    queues: dict[str, _Declared] = field(default_factory=dict)

    async def declare_exchange(
        self, name: str, kind: ExchangeType, *, durable: bool, arguments: Mapping[str, Any] | None = None
    ) -> None:
        if not durable:
            raise ValueError(f"exchange {name} would not survive a restart of the broker")
        self.exchanges[name] = Exchange(name=name, type=kind.value, arguments=dict(arguments or {}))

    async def declare_queue(self, name: str, *, durable: bool, arguments: Mapping[str, Any] | None = None) -> _Declared:
        if not durable:
            raise ValueError(f"queue {name} would not survive a restart of the broker")
        return self.queues.setdefault(name, _Declared(name, dict(arguments or {})))

    def topology(self) -> Topology:
        return Topology(
            exchanges=tuple(self.exchanges.values()),
            queues=tuple(
                Queue(name=q.name, arguments=q.arguments, bindings=tuple(q.bindings)) for q in self.queues.values()
            ),
        )


async def topology_of(service: Service) -> Topology:
    """What `migrate` of this service declares in the internal virtual host; the live queue comes first."""
    channel = _Listening()
    listening = cast("AbstractChannel", channel)
    await declare_publishers(listening, (e.publisher for e in service.publishes if e.publisher != PUBLIC_PUBLISHER))
    if service.subscriptions:
        names = QueueNames(service.name)
        await declare_consumer(listening, names, (s.event.name for s in service.subscriptions))
        channel.queues = {names.events: channel.queues.pop(names.events), **channel.queues}
    return channel.topology()


async def public_topology(event_types: tuple[str, ...]) -> Topology:
    """What is declared in the public virtual host for one subscriber."""
    channel = _Listening()
    listening = cast("AbstractChannel", channel)
    await declare_public(listening)
    await declare_subscriber(listening, EXAMPLE_SUBSCRIBER, event_types)
    return channel.topology()


async def participant_of(service: Service) -> tuple[Participant, Topology]:
    """The service as the AsyncAPI document sees it, and everything it declares."""
    topology = await topology_of(service)
    own = tuple(queue for queue in topology.queues if queue.name.startswith(f"{service.name}."))
    participant = Participant(
        name=service.name,
        publishes=service.publishes,
        consumes=tuple(subscription.event for subscription in service.subscriptions),
        queues=own,
    )
    return participant, topology
