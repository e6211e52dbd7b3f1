"""Several replicas on one queue of a real broker: they share the work, and the figures are those of one."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aio_pika
import msgspec
from tests.component.reporting.conftest import TAINAN_COURSE, TAIPEI_COURSE, Reporting, approval, attendance
from tests.conftest import MakeVhost
from tests.support.eventually import eventually
from tests.support.one_service import News

from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.subscription import Handler, Received, Subscription
from cec_chassis.bus.topology import declare_consumer
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.service import Runtime
from cec_contracts.envelope import CloudEvent, padded
from cec_reporting.service import SERVICE

QUEUES = QueueNames("reporting")


def counting(subscription: Subscription, taken_in: Counter[int], replica: int) -> Subscription:
    """The same subscription, that also remembers which replica its events went to."""
    handler: Handler = subscription.handler

    async def handle(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        taken_in[replica] += len(events)
        await handler(tx, events)

    return Subscription(subscription.event, handle)


@asynccontextmanager
async def replicas(reporting: Reporting, amqp_url: str, taken_in: Counter[int], how_many: int) -> AsyncIterator[None]:
    """Workers of the same service on the same database and broker, each with its own connections."""
    settings = msgspec.structs.replace(reporting.runtime.settings, amqp_url=amqp_url, consumer_batch=20, pool_size=2)
    stop = asyncio.Event()
    runtimes = [
        Runtime(
            replace(SERVICE, subscriptions=tuple(counting(s, taken_in, n) for s in SERVICE.subscriptions)), settings
        )
        for n in range(how_many)
    ]
    running = [asyncio.create_task(runtime.bus_worker.run(stop)) for runtime in runtimes]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait(running, timeout=30)
        for runtime in runtimes:
            await runtime.close()


def message(news: News, reporting: Reporting) -> aio_pika.Message:
    """The event as the relay would send it."""
    envelope = CloudEvent(
        id=news.id,
        source="/cec/test",
        type=news.event.name,
        subject=str(news.subject),
        time=reporting.clock.now(),
        sequence=padded(news.sequence),
        data=msgspec.Raw(msgspec.json.encode(news.body)),
    )
    return aio_pika.Message(
        msgspec.json.encode(envelope), message_id=str(new_id()), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
    )


async def test_replicas_share_the_work_and_count_as_one(reporting: Reporting, make_vhost: MakeVhost) -> None:
    amqp_url = make_vhost().internal
    news = [approval(), approval(TAINAN_COURSE)]
    for number in range(400):
        course = TAIPEI_COURSE if number % 4 else TAINAN_COURSE
        news.append(attendance(number, person=number, course_id=course))
        if number % 10 == 0:
            news.append(attendance(number, person=number, course_id=course, sequence=2, status="withdrawn"))
    delivered = news * 2
    random.Random(7).shuffle(delivered)
    async with connected(amqp_url, "test") as connection:
        channel = await connection.channel()
        await declare_consumer(channel, QUEUES, [s.event.name for s in SERVICE.subscriptions])
        await asyncio.gather(
            *(channel.default_exchange.publish(message(item, reporting), QUEUES.events) for item in delivered)
        )
    taken_in: Counter[int] = Counter()

    async with replicas(reporting, amqp_url, taken_in, how_many=3):
        await eventually(lambda: taken_in.total() >= len(news), within=30)
        expected = {("2", "臺北市"): 280, ("2", "臺南市"): 80}
        await eventually(lambda: _counts_are(reporting, expected), within=30)

    assert len([share for share in taken_in.values() if share > 20]) > 1
    (inbox,) = await reporting.rows("SELECT count(*) AS events FROM inbox")
    assert inbox.events == len(news)


async def _counts_are(reporting: Reporting, expected: dict[tuple[str, str], int]) -> bool:
    return await reporting.counts() == expected
