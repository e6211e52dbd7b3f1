"""Two processes of reporting share one backlog: both take part, nothing is missed and nothing counts twice."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import aio_pika
import msgspec
import pytest
from tests.support.eventually import eventually
from tests.support.facts import News, approval_of, attendance_of
from tests.system.people import World
from tests.system.tables import Tables

from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import QueueNames
from cec_chassis.ids import new_id
from cec_contracts.envelope import CloudEvent, padded
from cec_local.processes import ChildProcess
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
QUEUE = QueueNames("reporting").events
COUNTY = "金門縣"
"""Where nothing else in the system takes place."""
ATTENDANCES, WITHDRAWN_EVERY, TWICE_EVERY = 2_000, 10, 5
IN_HAND = 400
"""What one worker may have in hand: twice its batch of 200."""


def story() -> list[CloudEvent]:
    """One course, many who attended, and some who were taken off the roster again."""
    course = new_id()
    record = {
        "method": "M01",
        "attribute": "professional",
        "infection_control": False,
        "gender": False,
        "role": "learner",
        "starts_at": "2015-03-02T09:00:00+08:00",
        "ends_at": "2015-03-02T10:00:00+08:00",
    }
    news: list[News] = [approval_of(course, record, "2", Decimal("1.00"), county=COUNTY)]
    for number in range(ATTENDANCES):
        person = new_id()
        news.append(attendance_of(person, course, "2", "learner"))
        if number % WITHDRAWN_EVERY == 0:
            news.append(attendance_of(person, course, "2", "learner", 2, status="withdrawn"))
    return [envelope(one) for one in news]


def envelope(news: News) -> CloudEvent:
    """As the relay would send it."""
    return CloudEvent(
        id=new_id(),
        source="/cec/test",
        type=news.event.name,
        subject=str(news.subject),
        time=datetime.now(UTC),
        sequence=padded(news.sequence),
        data=msgspec.Raw(msgspec.json.encode(news.body)),
    )


class Backlog:
    """The queue of reporting, alone: what is sent here reaches no other service."""

    def __init__(self, channel: aio_pika.abc.AbstractChannel) -> None:
        self._channel = channel

    async def send(self, events: Iterable[CloudEvent]) -> None:
        """Returns when the broker has confirmed all."""
        exchange = self._channel.default_exchange
        await asyncio.gather(*(exchange.publish(message_of(event), QUEUE) for event in events))

    async def waiting(self) -> tuple[int, int]:
        """Messages that are in nobody's hand, and how many consumers there are."""
        found = (await self._channel.declare_queue(QUEUE, durable=True, passive=True)).declaration_result
        return found.message_count or 0, found.consumer_count or 0


def message_of(event: CloudEvent) -> aio_pika.Message:
    return aio_pika.Message(
        msgspec.json.encode(event), message_id=str(new_id()), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
    )


@asynccontextmanager
async def second_worker(stack: Stack) -> AsyncIterator[ChildProcess]:
    child = stack.spawn("reporting", "work")
    try:
        yield child
    finally:
        await asyncio.to_thread(child.stop, 25.0)


@asynccontextmanager
async def frozen(*processes: ChildProcess) -> AsyncIterator[None]:
    """They stay connected and do nothing inside the block."""
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


async def test_two_processes_share_a_backlog_and_count_as_one(stack: Stack, world: World, tables: Tables) -> None:
    events = story()
    sent = [*events, *events[::TWICE_EVERY]]
    random.Random(3).shuffle(sent)
    async with (
        second_worker(stack) as second,
        connected(stack.rabbit.addresses().internal, "test") as connection,
    ):
        backlog = Backlog(await connection.channel(on_return_raises=True))

        async def both_listen() -> bool:
            return await backlog.waiting() == (0, 2)

        async def both_hold_their_share() -> bool:
            return await backlog.waiting() == (len(sent) - 2 * IN_HAND, 2)

        await eventually(both_listen, within=60, what="two consumers")
        async with frozen(stack.services["reporting"], second):
            await backlog.send(sent)
            await eventually(both_hold_their_share, within=20, what="each worker has as much in hand as it may")
        await eventually(lambda: is_counted(world), within=60, every=0.1, what="every attendance counts once")
        await eventually(both_listen, within=60, what="the queue is empty")

    ids: list[UUID] = [event.id for event in events]
    reporting = tables.connections["reporting"]
    taken_in = await reporting.fetchval("SELECT count(*) FROM inbox WHERE event_id = ANY($1::uuid[])", ids)
    assert taken_in == len(events)
    assert await is_counted(world), "what came twice, and last, changed nothing"
    assert not await reporting.fetchval("SELECT count(*) FROM parked_messages")


async def is_counted(world: World) -> bool:
    found = await world.admin.get("/reporting/attendance-counts", county=COUNTY)
    expected = ATTENDANCES - ATTENDANCES // WITHDRAWN_EVERY
    return [row["attendances"] for row in found["rows"]] == [expected]
