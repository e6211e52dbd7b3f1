"""How far behind we are can be seen: backlog and age of the outbox, lag of the consumer, parked messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.conftest import MakeDatabase, MakeVhost
from tests.load.pipeline import message_of
from tests.support.eventually import eventually
from tests.support.facts import attendance_of

from cec_chassis.bus import session
from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.gauges import measure_consumer, measure_outbox
from cec_chassis.ids import new_id
from cec_chassis.processes import declare_queues
from cec_chassis.service import Runtime
from cec_chassis.settings import ServiceSettings
from cec_chassis.telemetry import GAUGES
from cec_contracts import enrolment
from cec_credits.service import SERVICE


@pytest.fixture
async def runtime(make_database: MakeDatabase, make_vhost: MakeVhost) -> AsyncIterator[Runtime]:
    settings = ServiceSettings(
        service="credits", database_url=await make_database("credits"), amqp_url=make_vhost().internal
    )
    runtime = Runtime(SERVICE, settings)
    await declare_queues(runtime)
    yield runtime
    await runtime.close()


def gauge(name: str) -> float:
    return GAUGES.snapshot()[name][0].value


async def test_unsent_news_shows_as_backlog_with_its_age(runtime: Runtime) -> None:
    person, course = new_id(), new_id()
    async with runtime.database("test").transaction() as tx:
        for _ in range(3):
            body = attendance_of(person, course, "2", "learner").body
            tx.publish(enrolment.ATTENDANCE_RECORDED, subject=new_id(), sequence=1, body=body)
    await measure_outbox(runtime)
    assert gauge("cec.outbox.unpublished") == 3
    await eventually(lambda: _older_than(runtime, 0.1))


async def _older_than(runtime: Runtime, seconds: float) -> bool:
    await measure_outbox(runtime)
    return gauge("cec.outbox.oldest") > seconds


async def test_undecided_messages_show_as_parked(runtime: Runtime) -> None:
    async with runtime.database("test").transaction() as tx:
        await tx.execute(
            "INSERT INTO parked_messages (id, consumer, message_key, body, headers, reason, error, attempts, state) "
            "VALUES (:id, 'credits', 'k', '', '{}', 'unknown-type', '', 1, 'parked')",
            id=new_id(),
        )
    await measure_consumer(runtime)
    assert gauge("cec.messages.parked") == 1


async def test_messages_that_wait_for_the_worker_show_as_lag(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "WATCH_SECONDS", 0.05)
    waiting = 4
    async with connected(runtime.settings.amqp_url, "test") as connection:
        # a consumer with a full hand takes nothing more: what is behind stays in the queue
        publisher = await ConfirmedPublisher.on(connection, "")
        runtime.bus_worker.batch = 1
        for _ in range(waiting + 2):
            body = message_of(attendance_of(new_id(), new_id(), "2", "learner"))
            await publisher.publish(body, routing_key=QueueNames("credits").events, message_id=new_id())
        stop = asyncio.Event()
        async with runtime.database("test").transaction() as tx:
            await tx.execute("LOCK TABLE ledger_entries IN ACCESS EXCLUSIVE MODE")
            working = asyncio.create_task(runtime.bus_worker.run(stop))
            await eventually(lambda: runtime.bus_worker.depths.waiting == waiting)
            await measure_consumer(runtime)
            assert gauge("cec.consumer.lag") == waiting
        await eventually(lambda: runtime.bus_worker.depths.waiting == 0)
        stop.set()
        await working
