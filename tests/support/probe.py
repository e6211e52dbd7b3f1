"""A service as small as can be, on the real chassis, for tests of the chassis itself: it counts what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aio_pika
import asyncpg
import msgspec
from sqlalchemy import text

from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.session import BusWorker
from cec_chassis.bus.subscription import Received, Subscription
from cec_chassis.bus.topology import declare_consumer
from cec_chassis.clock import SystemClock
from cec_chassis.database import Database, Transaction
from cec_chassis.database.schema import CHASSIS_NOW, create_chassis_tables
from cec_chassis.ids import new_id
from cec_chassis.outbox.relay import Relay
from cec_contracts.envelope import CloudEvent, EventType, padded

FAST_LADDER = (("50ms", 50), ("100ms", 100))


class Counted(msgspec.Struct, kw_only=True):
    """The body of a probe event."""

    amount: int


COUNTED = EventType("cec.probe.counted.v1", Counted, "已計數", "Something was counted")

COUNT = """
INSERT INTO counts AS c (subject, sequence, amount, times) VALUES (:subject, :sequence, :amount, 1)
ON CONFLICT (subject) DO UPDATE SET sequence = excluded.sequence, amount = excluded.amount, times = c.times + 1
WHERE c.sequence < excluded.sequence
"""


async def count(tx: Transaction, events: Sequence[Received[Counted]]) -> None:
    for event in events:
        await tx.execute(COUNT, subject=event.subject, sequence=event.sequence, amount=event.body.amount)


Handler = Callable[[Transaction, Sequence[Received[Any]]], Awaitable[None]]


@dataclass
class Probe:
    """One database with chassis tables and a table `counts`, one virtual host, and what runs on them."""

    database: Database
    amqp_url: str
    public_url: str
    handler: Handler = count
    batch: int = 50
    service: str = "probe"
    """The consumer's name; the publisher is always `probe`."""

    @classmethod
    async def make(
        cls, database_url: str, amqp_url: str, public_url: str, *, command_timeout: float = 35.0, **more: Any
    ) -> Probe:
        """Makes the tables and declares the queues; `more` are fields."""
        database = Database(database_url, SystemClock(), ping=False, command_timeout=command_timeout)
        async with database.engine.begin() as connection:
            await connection.run_sync(create_chassis_tables, CHASSIS_NOW)
            await connection.execute(
                text("CREATE TABLE counts (subject text PRIMARY KEY, sequence bigint, amount integer, times integer)")
            )
        probe = cls(database, amqp_url, public_url, **more)
        await probe.declare()
        return probe

    @property
    def names(self) -> QueueNames:
        return QueueNames(self.service)

    def bus_worker(self) -> BusWorker:
        return BusWorker(
            self.service,
            (Subscription(COUNTED, self.handler),),
            self.database,
            self.amqp_url,
            delays=FAST_LADDER,
            batch=self.batch,
        )

    def relay(self, **changes: Any) -> Relay:
        return Relay("probe", self.database.dsn, self.amqp_url, self.public_url, ("probe",), **changes)

    @asynccontextmanager
    async def working(self, worker: BusWorker | None = None) -> AsyncIterator[BusWorker]:
        """The consumer runs inside the block, and ends in good order after it."""
        worker = worker or self.bus_worker()
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()
            await asyncio.wait_for(task, 30)

    @asynccontextmanager
    async def relaying(self, relay: Relay | None = None) -> AsyncIterator[Relay]:
        relay = relay or self.relay()
        stop = asyncio.Event()
        task = asyncio.create_task(relay.run(stop))
        try:
            yield relay
        finally:
            stop.set()
            await asyncio.wait_for(task, 30)

    async def declare(self) -> None:
        async with connected(self.amqp_url, "test") as connection:
            await declare_consumer(await connection.channel(), self.names, [COUNTED.name], FAST_LADDER)

    async def say(self, amounts: dict[str, int], sequence: int = 1) -> None:
        """Through the outbox, as a command would."""
        async with self.database.transaction() as tx:
            for subject, amount in amounts.items():
                tx.publish(COUNTED, subject=subject, sequence=sequence, body=Counted(amount=amount))

    async def send(
        self,
        *bodies: bytes,
        headers: dict[str, Any] | None = None,
        message_id: str | None = None,
        queue: str | None = None,
    ) -> None:
        """Straight to the broker, as nobody of ours would."""
        async with connected(self.amqp_url, "test") as connection:
            channel = await connection.channel(on_return_raises=True)
            for body in bodies:
                message = aio_pika.Message(
                    body,
                    headers=headers or {},
                    message_id=message_id or str(new_id()),
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                )
                await channel.default_exchange.publish(message, queue or self.names.events)

    async def fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database.dsn)
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await connection.close()

    async def amounts(self) -> dict[str, int]:
        return {row["subject"]: row["amount"] for row in await self.fetch("SELECT subject, amount FROM counts")}

    async def has_counted(self, number: int) -> bool:
        """Whether so many subjects are counted."""
        return len(await self.amounts()) == number

    async def has_parked(self, number: int) -> bool:
        """Whether so many messages wait in parking."""
        return len([row for row in await self.parked() if row["state"] == "parked"]) == number

    async def parked(self) -> list[asyncpg.Record]:
        """Everything that was ever parked, oldest first."""
        return await self.fetch("SELECT * FROM parked_messages ORDER BY first_parked_at, id")

    async def waiting(self, queue: str | None = None) -> int:
        """How many messages of a queue (the live one unless another is named) are with no consumer."""
        async with connected(self.amqp_url, "test") as connection:
            channel = await connection.channel()
            found = await channel.declare_queue(queue or self.names.events, passive=True, durable=True)
            return found.declaration_result.message_count or 0

    async def is_published(self) -> bool:
        """Every row of the outbox is confirmed by the broker."""
        return not await self.fetch("SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1")

    async def is_sent(self, subject: str) -> bool:
        """Some news of it is confirmed by the broker."""
        sent = "SELECT 1 FROM outbox WHERE subject = $1 AND published_at IS NOT NULL LIMIT 1"
        return bool(await self.fetch(sent, subject))

    async def is_quiet(self) -> bool:
        """Nothing waits: not in the outbox, not in a queue, not on the retry ladder, not on its way to parking."""
        if not await self.is_published():
            return False
        names = self.names
        queues = [names.events, names.replay, names.dead, *(names.retry(label) for label, _ in FAST_LADDER)]
        return not any([await self.waiting(queue) for queue in queues])

    async def close(self) -> None:
        await self.database.close()


def event(subject: str, amount: int, sequence: int = 1, event_id: UUID | None = None, **changes: Any) -> bytes:
    """A well-formed probe event as bytes, unless `changes` spoil it."""
    envelope = CloudEvent(
        id=event_id or new_id(),
        source="/cec/probe",
        type=COUNTED.name,
        subject=subject,
        time=SystemClock().now(),
        sequence=padded(sequence),
        data=msgspec.Raw(msgspec.json.encode(Counted(amount=amount))),
    )
    return msgspec.json.encode(msgspec.structs.replace(envelope, **changes) if changes else envelope)
