"""Traps of the client library through which a delivered message vanishes or stalls, and that ours avoids them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from tests.integration.bus.conftest import MakeProbe
from tests.support.eventually import eventually
from tests.support.probe import COUNTED, Probe, count, event

from cec_chassis.bus import session
from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_chassis.outbox.append import BULK
from cec_chassis.outbox.republish import republish

LIMIT_ONE: dict[str, Any] = {"x-queue-type": "quorum", "x-delivery-limit": 1}


async def test_the_library_loses_messages_nobody_saw_when_its_iterator_is_left(channel: AbstractChannel) -> None:
    queue = await channel.declare_queue("iterated", durable=True, arguments=LIMIT_ONE)
    await channel.set_qos(prefetch_count=10)
    for number in range(5):
        await channel.default_exchange.publish(aio_pika.Message(str(number).encode()), "iterated")
    seen = set()
    for _ in range(3):
        with suppress(aio_pika.exceptions.QueueEmpty, TimeoutError):
            async with queue.iterator(timeout=0.5) as messages:
                async for message in messages:
                    seen.add(message.body)
                    await message.reject(requeue=True)
                    break
    await eventually(lambda: _is_empty(queue))
    assert len(seen) < 5


async def test_stopping_gives_back_what_was_fetched_and_unseen(make_probe: MakeProbe, channel: AbstractChannel) -> None:
    seen: list[str] = []
    go_on = asyncio.Event()

    async def slow(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        seen.extend(e.subject for e in events)
        await go_on.wait()
        await count(tx, events)

    probe = await make_probe(handler=slow, batch=5)
    await probe.send(*(event(f"s{i}", i) for i in range(30)))
    async with probe.working():
        await eventually(lambda: len(seen) == 5)
        asyncio.get_running_loop().call_later(0.2, go_on.set)
    assert len(await probe.amounts()) == 5  # the batch in hand was finished
    await eventually(lambda: _waiting(probe, 25))
    assert max(await _deliveries_so_far(probe)) <= 1
    async with probe.working():
        await eventually(lambda: probe.has_counted(30))


async def test_the_library_loses_a_message_whose_handler_is_cancelled(channel: AbstractChannel) -> None:
    queue = await channel.declare_queue("processed", durable=True, arguments=LIMIT_ONE)
    begun = asyncio.Event()

    async def handle(message: AbstractIncomingMessage) -> None:
        async with message.process():
            begun.set()
            await asyncio.sleep(60)

    await channel.default_exchange.publish(aio_pika.Message(b"lost"), "processed")
    message = await queue.get()
    handling = asyncio.create_task(handle(message))
    await begun.wait()
    handling.cancel()
    with suppress(asyncio.CancelledError):
        await handling
    assert await queue.get(fail=False) is None


async def test_a_cancelled_handler_loses_nothing(make_probe: MakeProbe) -> None:
    begun = asyncio.Event()

    async def endless(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        await count(tx, events)
        begun.set()
        await asyncio.sleep(60)

    first = await make_probe(handler=endless)
    await first.send(*(event(f"s{i}", i) for i in range(10)))
    working = asyncio.create_task(first.bus_worker().run(asyncio.Event()))
    await begun.wait()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    assert not await first.amounts()
    first.handler = count
    async with first.working():
        await eventually(lambda: first.has_counted(10))
    assert {row["times"] for row in await first.fetch("SELECT times FROM counts")} == {1}
    assert not await first.parked()


async def test_the_library_stalls_when_callbacks_raise(channel: AbstractChannel) -> None:
    queue = await channel.declare_queue("raising", durable=True, arguments=LIMIT_ONE)
    await channel.set_qos(prefetch_count=2)
    calls = []

    async def fail(message: AbstractIncomingMessage) -> None:
        calls.append(message.body)
        raise RuntimeError("only logged")

    for number in range(6):
        await channel.default_exchange.publish(aio_pika.Message(str(number).encode()), "raising")
    await queue.consume(fail)
    await eventually(lambda: len(calls) == 2)
    await asyncio.sleep(0.3)  # that nothing happens can only be shown by waiting
    assert len(calls) == 2


async def test_a_handler_that_always_raises_stalls_nobody_and_ends_in_parking(make_probe: MakeProbe) -> None:
    async def moody(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        if any(e.subject.startswith("bad") for e in events):
            raise RuntimeError("a mistake in the code")
        await count(tx, events)

    probe = await make_probe(handler=moody, batch=4)
    await probe.send(*(event(f"{'bad' if i % 2 else 'good'}{i}", i) for i in range(24)))
    async with probe.working():
        await eventually(lambda: probe.has_counted(12))
        await eventually(lambda: probe.has_parked(12))
    rows = await probe.parked()
    assert {(row["reason"], row["attempts"]) for row in rows} == {("handler-failed", 3)}
    assert all("a mistake in the code" in row["error"] for row in rows)
    assert {row["times"] for row in await probe.fetch("SELECT times FROM counts")} == {1}


@pytest.mark.parametrize("which", ["events", "replay", "dead"])
async def test_a_queue_deleted_while_it_is_consumed_comes_back_with_its_consumer(
    probe: Probe, channel: AbstractChannel, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    monkeypatch.setattr(session, "WATCH_SECONDS", 0.1)
    name = getattr(probe.names, which)
    async with probe.working():
        await eventually(lambda: _has_consumer(probe, name))
        await channel.queue_delete(name)
        await eventually(lambda: _has_consumer(probe, name))


async def test_what_was_in_a_deleted_queue_is_had_again_from_the_outbox(
    probe: Probe, channel: AbstractChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "WATCH_SECONDS", 0.1)
    expected = {f"s{i}": i for i in range(BULK)}  # more would travel in the lane for bulk, through another queue
    async with probe.relaying():
        await probe.say(expected)
        await eventually(probe.is_published)
    await channel.queue_delete(probe.names.events)
    async with probe.working():
        await eventually(lambda: _has_consumer(probe, probe.names.replay))
        assert not await probe.amounts()
        sent = await republish(
            service="probe", dsn=probe.database.dsn, amqp_url=probe.amqp_url, to="probe", types=[COUNTED.name]
        )
        assert sent == BULK
        await eventually(lambda: probe.has_counted(BULK))
    assert await probe.amounts() == expected


async def _is_empty(queue: aio_pika.abc.AbstractQueue) -> bool:
    return (await queue.declare()).message_count == 0


async def _deliveries_so_far(probe: Probe) -> list[int]:
    async with await aio_pika.connect(probe.amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(probe.names.events)
        counts = []
        while (message := await queue.get(fail=False)) is not None:
            counts.append(int(message.headers.get("x-delivery-count") or 0))  # type: ignore[arg-type]
        return counts


async def _has_consumer(probe: Probe, queue: str) -> bool:
    async with await aio_pika.connect(probe.amqp_url) as connection:
        channel = await connection.channel()
        try:
            found = await channel.declare_queue(queue, passive=True)
        except aio_pika.exceptions.ChannelNotFoundEntity:
            return False
        return bool(found.declaration_result.consumer_count)


async def _waiting(probe: Probe, number: int) -> bool:
    return await probe.waiting() == number
