"""An outside subscriber's account reads its own queue and can do nothing else, however it tries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote, urlsplit

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import AMQPConnectionError
from aiormq.exceptions import ChannelAccessRefused, InvalidFrameError
from tests.integration.public.conftest import Subscriber
from tests.support.stack import Vhosts

from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import PUBLIC_EXCHANGE, PUBLIC_LOG
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.topology import quorum

Attempt = Callable[[AbstractChannel, Subscriber, Subscriber], Awaitable[object]]


async def declare_a_queue(channel: AbstractChannel, _own: Subscriber, _other: Subscriber) -> None:
    await channel.declare_queue("mine-too", durable=True)


async def declare_a_queue_without_a_name(channel: AbstractChannel, _own: Subscriber, _other: Subscriber) -> None:
    await channel.declare_queue(exclusive=True)


async def declare_its_own_queue_anew(channel: AbstractChannel, own: Subscriber, _other: Subscriber) -> None:
    await channel.declare_queue(own.queue, durable=True, arguments=quorum())


async def declare_an_exchange(channel: AbstractChannel, _own: Subscriber, _other: Subscriber) -> None:
    await channel.declare_exchange("mine", durable=True)


async def bind_its_queue_to_more(channel: AbstractChannel, own: Subscriber, _other: Subscriber) -> None:
    queue = await channel.get_queue(own.queue, ensure=False)
    await queue.bind(PUBLIC_EXCHANGE, "cec.secret.#")


async def unbind_its_queue(channel: AbstractChannel, own: Subscriber, _other: Subscriber) -> None:
    queue = await channel.get_queue(own.queue, ensure=False)
    await queue.unbind(PUBLIC_EXCHANGE, "cec.public.#")


async def delete_its_queue(channel: AbstractChannel, own: Subscriber, _other: Subscriber) -> None:
    await channel.queue_delete(own.queue)


async def publish_to_the_public_exchange(channel: AbstractChannel, _own: Subscriber, _other: Subscriber) -> None:
    exchange = await channel.get_exchange(PUBLIC_EXCHANGE, ensure=False)
    await exchange.publish(aio_pika.Message(b"{}"), "cec.public.standing_changed.v1")


async def publish_into_its_own_queue(channel: AbstractChannel, own: Subscriber, _other: Subscriber) -> None:
    await channel.default_exchange.publish(aio_pika.Message(b"{}"), own.queue)


async def publish_into_anothers_queue(channel: AbstractChannel, _own: Subscriber, other: Subscriber) -> None:
    await channel.default_exchange.publish(aio_pika.Message(b"{}"), other.queue)


async def read_anothers_queue(channel: AbstractChannel, _own: Subscriber, other: Subscriber) -> None:
    queue = await channel.get_queue(other.queue, ensure=False)
    await queue.get(fail=False)


async def consume_from_anothers_queue(channel: AbstractChannel, _own: Subscriber, other: Subscriber) -> None:
    queue = await channel.get_queue(other.queue, ensure=False)
    await queue.consume(lambda message: message.ack())


async def read_the_log_of_everything(channel: AbstractChannel, _own: Subscriber, _other: Subscriber) -> None:
    await channel.set_qos(prefetch_count=1)
    queue = await channel.get_queue(PUBLIC_LOG, ensure=False)
    await queue.consume(lambda message: message.ack(), arguments={"x-stream-offset": "first"})


FORBIDDEN: list[Attempt] = [
    declare_a_queue,
    declare_a_queue_without_a_name,
    declare_its_own_queue_anew,
    declare_an_exchange,
    bind_its_queue_to_more,
    unbind_its_queue,
    delete_its_queue,
    publish_to_the_public_exchange,
    publish_into_its_own_queue,
    publish_into_anothers_queue,
    read_anothers_queue,
    consume_from_anothers_queue,
    read_the_log_of_everything,
]


@pytest.fixture
async def channel(own: Subscriber) -> AsyncIterator[AbstractChannel]:
    """The subscriber's own, with publisher confirms: a refused publish must not look like one that went well."""
    async with connected(own.url, "subscriber") as connection:
        yield await connection.channel()


@pytest.mark.parametrize("attempt", FORBIDDEN, ids=lambda attempt: attempt.__name__)
async def test_the_broker_refuses_to_let_it(
    attempt: Attempt, channel: AbstractChannel, own: Subscriber, other: Subscriber
) -> None:
    with pytest.raises(ChannelAccessRefused, match="ACCESS_REFUSED"):
        await attempt(channel, own, other)


async def test_it_may_not_enter_the_virtual_host_of_the_services(own: Subscriber, vhosts: Vhosts) -> None:
    inside = urlsplit(own.url)._replace(path=f"/{quote(vhosts.name, safe='')}").geturl()
    # The broker says 530 NOT_ALLOWED and closes; the client library tells only that it was not let in.
    with pytest.raises(InvalidFrameError, match=r"Connection\.OpenOk.*Connection\.Close"):
        await aio_pika.connect(inside, timeout=10)


async def test_a_wrong_password_opens_nothing(own: Subscriber) -> None:
    parts = urlsplit(own.url)
    stranger = parts._replace(netloc=parts.netloc.replace(parts.password or "", "guessed")).geturl()
    with pytest.raises(AMQPConnectionError, match="ACCESS_REFUSED"):
        await aio_pika.connect(stranger, timeout=10)


async def test_it_reads_its_own_queue(channel: AbstractChannel, own: Subscriber, vhosts: Vhosts) -> None:
    """Else every refusal above could have another reason."""
    async with connected(vhosts.public, "test") as connection:
        publisher = await ConfirmedPublisher.on(connection, PUBLIC_EXCHANGE)
        await publisher.publish(b"{}", routing_key="cec.public.standing_changed.v1", message_id="1")
    queue = await channel.get_queue(own.queue, ensure=False)
    message = await queue.get(timeout=10)
    assert message is not None
    assert message.body == b"{}"
    await message.ack()
