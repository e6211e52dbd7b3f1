"""Traps of the client library through which a published message vanishes without a word, and that ours avoids them."""

from __future__ import annotations

import asyncio

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import DeliveryError
from pamqp.commands import Basic
from tests.support.eventually import eventually
from tests.support.probe import COUNTED, Probe, event

from cec_chassis.bus import session
from cec_chassis.bus.names import UNROUTED
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.ids import new_id
from cec_chassis.outbox.republish import republish


async def test_the_library_calls_a_returned_message_delivered_when_its_id_is_in_flight_twice(
    channel: AbstractChannel,
) -> None:
    same = [_publish(channel, "nowhere", "one-id") for _ in range(5)]
    assert any(isinstance(answer, Basic.Ack) for answer in await asyncio.gather(*same, return_exceptions=True))
    different = [_publish(channel, "nowhere", str(i)) for i in range(5)]
    assert all(isinstance(a, DeliveryError) for a in await asyncio.gather(*different, return_exceptions=True))


async def test_one_event_in_flight_to_two_exchanges_is_told_apart(probe: Probe, connection: AbstractConnection) -> None:
    async with connection.channel() as channel:
        await channel.declare_exchange("without-subscribers", aio_pika.ExchangeType.TOPIC, durable=True)
    public = await ConfirmedPublisher.on(connection, "without-subscribers")
    internal = await ConfirmedPublisher.on(connection, "cec.probe")
    for number in range(20):
        outcomes = await asyncio.gather(
            public.publish(b"{}", routing_key=COUNTED.name, message_id=f"{number}"),
            internal.publish(b"{}", routing_key=COUNTED.name, message_id=f"{number}"),
            return_exceptions=True,
        )
        assert isinstance(outcomes[0], DeliveryError)
        assert outcomes[1] is None


async def test_the_library_calls_an_unroutable_message_sent_unless_told_otherwise(
    connection: AbstractConnection,
) -> None:
    by_default = await connection.channel()
    answer = await by_default.default_exchange.publish(aio_pika.Message(b"lost"), "nowhere")
    assert answer is not None  # and no exception


async def test_ours_says_that_an_unroutable_message_was_not_sent(connection: AbstractConnection) -> None:
    publisher = await ConfirmedPublisher.on(connection, "")
    with pytest.raises(DeliveryError):
        await publisher.publish(b"kept", routing_key="nowhere", message_id="1")


async def test_an_event_nobody_is_bound_for_is_kept_in_a_queue_for_it(probe: Probe, channel: AbstractChannel) -> None:
    await channel.queue_delete(probe.names.events)
    await probe.say({"nobody": 1})
    async with probe.relaying():
        await eventually(probe.is_published)
    assert await probe.waiting(UNROUTED) == 1


async def test_a_row_that_the_broker_returns_stays_unpublished_until_it_is_taken(
    probe: Probe, channel: AbstractChannel
) -> None:
    async with probe.relaying():
        await probe.say({"first": 1})
        await eventually(probe.is_published)
        await channel.queue_delete(probe.names.events)
        await channel.exchange_delete(UNROUTED)
        await probe.say({"second": 2})
        await eventually(lambda: _attempted(probe))
        assert not await probe.is_published()
        await probe.declare()
        await eventually(probe.is_published)
    async with probe.working():
        await eventually(lambda: _counted(probe, {"second": 2}))


async def test_a_row_that_cannot_be_sent_at_all_holds_up_no_other(probe: Probe) -> None:
    for odd in ("cec.nobody-of-ours.counted.v1", "odd"):
        await probe.fetch(
            "INSERT INTO outbox (id, type, subject, sequence, occurred_at, data)"
            " VALUES (gen_random_uuid(), $1, 's', 1, now(), '{}')",
            odd,
        )
    await probe.say({"good": 1})
    async with probe.relaying(), probe.working():
        await eventually(lambda: _counted(probe, {"good": 1}))
        await eventually(lambda: _attempted(probe, 2))
    assert len(await probe.fetch("SELECT 1 FROM outbox WHERE published_at IS NULL AND last_error <> ''")) == 2


async def test_a_missing_exchange_is_made_again_and_costs_no_message(
    probe: Probe, channel: AbstractChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "WATCH_SECONDS", 0.1)
    async with probe.relaying(), probe.working():
        await probe.say({"before": 0})
        await eventually(lambda: _counted(probe, {"before": 0}))
        await channel.exchange_delete("cec.probe")
        expected = {f"s{i}": i for i in range(300)}
        await probe.say(expected)
        await eventually(probe.is_published, what="all rows confirmed, though the exchange was gone")
        # the relay makes the exchange; that the queue is bound to it again is the worker's doing
        await eventually(lambda: _hears(probe))
        await republish(
            service="probe", dsn=probe.database.dsn, amqp_url=probe.amqp_url, to="probe", types=[COUNTED.name]
        )
        await eventually(lambda: _counted(probe, {"before": 0, "heard": 1} | expected))


async def test_a_binding_removed_by_mistake_comes_back(
    probe: Probe, channel: AbstractChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "WATCH_SECONDS", 0.1)
    async with probe.working() as worker:
        await eventually(lambda: worker.depths.waiting is not None, what="the worker has looked around once")
        queue = await channel.get_queue(probe.names.events)
        await queue.unbind("cec.probe", COUNTED.name)
        await eventually(lambda: _hears(probe))


async def _publish(channel: AbstractChannel, routing_key: str, message_id: str) -> object:
    return await channel.default_exchange.publish(aio_pika.Message(b"", message_id=message_id), routing_key)


async def _attempted(probe: Probe, number: int = 1) -> bool:
    return len(await probe.fetch("SELECT 1 FROM outbox WHERE attempts > 0 AND last_error <> ''")) == number


async def _counted(probe: Probe, expected: dict[str, int]) -> bool:
    return await probe.amounts() == expected


async def _hears(probe: Probe) -> bool:
    """Whether the exchange leads to the consumer again: says something until it is heard."""
    async with await aio_pika.connect(probe.amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("cec.probe", ensure=False)
        await exchange.publish(aio_pika.Message(event("heard", 1), message_id=str(new_id())), COUNTED.name)
    return "heard" in await probe.amounts()
