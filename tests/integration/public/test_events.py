"""What reaches an outside subscriber: CloudEvents 1.0 about standings, with nobody's national ID; and all of it again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from aio_pika.abc import AbstractIncomingMessage
from tests.integration.public.conftest import MakeSubscriber, Subscriber
from tests.support.cases import load_case
from tests.support.credits_worker import recalculate, take_in
from tests.support.eventually import eventually
from tests.support.facts import News, approval_of, attendance_of, practitioner_of
from tests.support.stack import PostgresServer, Vhosts

from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import PUBLIC_LOG
from cec_chassis.clock import FixedClock
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_chassis.outbox.relay import Relay
from cec_contracts.envelope import CONTENT_TYPE, padded
from cec_contracts.public import PUBLIC_STANDING_CHANGED, PublicStanding
from cec_credits.publishes import PUBLISHES

E1 = load_case("e1-dental-technician")["case"]
RECORD = E1["records"][10]
PERSON = new_id()
COURSES = [new_id() for _ in range(3)]
HOURS = {"starts_at": "09", "ends_at": "12"}
REQUIRED = {"specversion", "id", "source", "type"}
OPTIONAL = {"datacontenttype", "dataschema", "subject", "time", "data"}
EXTENSION = re.compile(r"[a-z0-9]{1,20}")
NATIONAL_ID = re.compile(rb"(?<![0-9A-Za-z])[A-Z][A-D1289][0-9*]{8}")


@asynccontextmanager
async def told(database: Database, vhosts: Vhosts) -> AsyncIterator[None]:
    """Credits' relay has sent everything when the block begins."""
    publishers = sorted({event.publisher for event in PUBLISHES})
    relay = Relay("credits", database.dsn, vhosts.internal, vhosts.public, publishers)
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    try:

        async def sent() -> bool:
            async with database.reading() as tx:
                return not await tx.scalar("SELECT count(*) FROM outbox WHERE published_at IS NULL")

        await eventually(sent, within=20)
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


@pytest.fixture(scope="module")
async def messages(
    postgres_server: PostgresServer, vhosts: Vhosts, own: Subscriber
) -> AsyncIterator[list[AbstractIncomingMessage]]:
    """What the subscriber got when one person's standing had changed three times."""
    url = await postgres_server.make_database("credits")
    database = Database(url, FixedClock(datetime(2016, 7, 7, 4, tzinfo=UTC)))
    for day, course in enumerate(COURSES, start=10):
        record = RECORD | {name: f"2014-03-{day}T{hour}:00:00+08:00" for name, hour in HOURS.items()}
        news: list[News] = [
            practitioner_of(E1, PERSON),
            approval_of(course, record, "2", Decimal("9.00")),
            attendance_of(PERSON, course, "2", "learner"),
        ]
        await take_in(database, news)
        await recalculate(database)
    try:
        async with told(database, vhosts):
            yield await received(own.url, own.queue, 3)
    finally:
        await database.close()
        await postgres_server.drop_database(url)


async def received(url: str, queue_name: str, number: int, offset: str | None = None) -> list[AbstractIncomingMessage]:
    """The first so many messages of a queue, or of the log from an offset on; all acknowledged."""
    messages: list[AbstractIncomingMessage] = []
    async with connected(url, "subscriber") as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=100)
        queue = await channel.get_queue(queue_name, ensure=False)

        async def take(message: AbstractIncomingMessage) -> None:
            messages.append(message)
            await message.ack()

        await queue.consume(take, arguments={"x-stream-offset": offset} if offset else None)
        await eventually(lambda: len(messages) >= number, within=20)
    return messages


def test_every_event_is_a_cloudevent_of_version_1_0(messages: list[AbstractIncomingMessage]) -> None:
    for message in messages:
        assert message.content_type == CONTENT_TYPE == "application/cloudevents+json"
        event = msgspec.json.decode(message.body)
        assert event.keys() >= REQUIRED
        assert all(EXTENSION.fullmatch(name) for name in event.keys() - REQUIRED - OPTIONAL)
        assert event["specversion"] == "1.0"
        assert event["type"] == message.routing_key == PUBLIC_STANDING_CHANGED.name
        assert datetime.fromisoformat(event["time"]).tzinfo is not None
        assert event["datacontenttype"] == "application/json"
        assert all(isinstance(value, str) for name, value in event.items() if name != "data")
        msgspec.convert(event["data"], PublicStanding, strict=False)


def test_the_events_tell_each_change_in_order(messages: list[AbstractIncomingMessage]) -> None:
    events = [msgspec.json.decode(message.body) for message in messages]
    assert [event["sequence"] for event in events] == [padded(1), padded(2), padded(3)]
    assert [event["data"]["valid"] for event in events] == ["9.00", "18.00", "27.00"]
    assert {event["subject"] for event in events} == {f"{PERSON}:2"}
    assert {event["data"]["certificate_number"] for event in events} == {"000001"}


def test_no_event_has_a_national_id_in_any_form(messages: list[AbstractIncomingMessage]) -> None:
    """Not the number, not the mask, not the keyed index: `practitioner_of` gives the person all that a copy may hold."""
    for message in messages:
        assert not NATIONAL_ID.search(message.body)
        assert (PERSON.hex * 2).encode() not in message.body
        assert "王測試".encode() not in message.body
        assert b"national" not in message.body


@pytest.mark.usefixtures("messages")
async def test_the_log_gives_everything_again_from_the_first_on(vhosts: Vhosts) -> None:
    """A stream: reading takes nothing out, so it can be read again."""
    for _ in range(2):
        again = await received(vhosts.public, PUBLIC_LOG, 3, "first")
        events = [msgspec.json.decode(message.body) for message in again]
        assert [event["sequence"] for event in events] == [padded(1), padded(2), padded(3)]
        assert [message.headers["x-stream-offset"] for message in again] == [0, 1, 2]


@pytest.mark.usefixtures("messages")
async def test_a_subscriber_that_comes_later_finds_its_queue_empty(make_subscriber: MakeSubscriber) -> None:
    late = await make_subscriber()
    async with connected(late.url, "late") as connection:
        queue = await (await connection.channel()).get_queue(late.queue, ensure=False)
        assert await queue.get(fail=False) is None
