"""Attendance events through the credits worker, beside a bare aio-pika + asyncpg loop that writes the same rows.

Both take the same messages from a quorum queue, and each connects when its time begins. The bare loop knows no rules: it
adds up what was approved, in one SQL statement. Ours consumes, appends to the ledger, marks, claims, evaluates every
touched practitioner under the rules, stores the statement and writes the news, with everything that keeps messages from
being lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import aio_pika
import asyncpg
import msgspec
from tests.support.credits_worker import take_in
from tests.support.facts import News, approval_of, attendance_of, practitioner_of

from cec_chassis import garbage
from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.topology import declare_consumer
from cec_chassis.clock import SystemClock
from cec_chassis.ids import new_id
from cec_chassis.service import Runtime
from cec_chassis.settings import ServiceSettings
from cec_contracts.enrolment import Attendance
from cec_contracts.envelope import CloudEvent, padded
from cec_credits.recalculation.loop import keep_recalculating
from cec_credits.rulesets.load_bundled import load_bundled
from cec_credits.rulesets.mark_affected import mark_affected
from cec_credits.service import SERVICE

PEOPLE = 2_000
COURSES = 300
BURST = 100
"""Rosters that are over before the start and the end, at which one side waits for the other, weigh little."""
ROSTER = 100
"""Attendees of one course: a file that a unit uploads. Two neighbouring rosters overlap by half."""

RECORD = {
    "method": "M01",
    "role": "learner",
    "attribute": "professional",
    "infection_control": False,
    "gender": False,
    "starts_at": "2024-03-02T09:00:00+08:00",
    "ends_at": "2024-03-02T12:00:00+08:00",
    "minutes": 180,
}
PERSON = {
    "profession": "2",
    "licence": {"valid_from": "2021-05-01", "valid_until": "2027-05-01", "extended_until": None},
    "practice_areas": [{"since": "2000-01-01", "area": "ordinary"}],
}


def people() -> list[UUID]:
    return [new_id() for _ in range(PEOPLE)]


def roster_events(persons: Sequence[UUID], courses: Sequence[UUID], roster: int = ROSTER) -> list[News]:
    return [
        attendance_of(persons[(number * roster // 2 + seat) % len(persons)], course, "2", "learner")
        for number, course in enumerate(courses)
        for seat in range(roster)
    ]


def background(persons: Sequence[UUID], courses: Sequence[UUID]) -> list[News]:
    """What credits knows before the rosters come: the people and the approvals."""
    begin = datetime.fromisoformat(RECORD["starts_at"])  # type: ignore[arg-type]
    news = [practitioner_of(PERSON, person) for person in persons]
    for number, course in enumerate(courses):
        start = begin + timedelta(days=number % 300)
        times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=3)).isoformat()}
        news.append(approval_of(course, {**RECORD, **times}, "2", Decimal("3.60")))
    return news


def message_of(news: News) -> bytes:
    return msgspec.json.encode(
        CloudEvent(
            id=new_id(),
            source="/cec/enrolment",
            type=news.event.name,
            subject=str(news.subject),
            time=datetime.now(UTC),
            sequence=padded(news.sequence),
            data=msgspec.Raw(msgspec.json.encode(news.body)),
        )
    )


async def fill(amqp_url: str, queue: str, bodies: Sequence[bytes]) -> None:
    async with connected(amqp_url, "bench") as connection:
        publisher = await ConfirmedPublisher.on(connection, "")
        for start in range(0, len(bodies), 500):
            await asyncio.gather(
                *(publisher.publish(b, routing_key=queue, message_id=new_id()) for b in bodies[start : start + 500])
            )


async def ours(database_url: str, amqp_url: str, *, batch: int, rosters: int = COURSES) -> float:
    """Events per second from a full queue until every standing is stored and nothing is marked."""
    settings = ServiceSettings(service="credits", database_url=database_url, amqp_url=amqp_url, consumer_batch=batch)
    runtime = Runtime(SERVICE, settings, SystemClock())
    persons, courses = people(), [new_id() for _ in range(rosters)]
    names = QueueNames("credits")
    try:
        await load_bundled(runtime)
        # nobody is there yet, so the publication leaves no work behind
        await mark_affected(runtime.database("seed"), asyncio.Event())
        await take_in(runtime.database("seed"), background(persons, courses), batch=500)
        async with runtime.database("seed").transaction() as tx:
            await tx.execute("DELETE FROM dirty_standings")
        async with connected(amqp_url, "bench") as connection:
            await declare_consumer(await connection.channel(), names, [s.event.name for s in SERVICE.subscriptions])
        events = roster_events(persons, courses)
        await fill(amqp_url, names.events, [message_of(news) for news in events])
        garbage.look_seldom()  # as every process of a service does
        stop = asyncio.Event()
        begun = time.perf_counter()
        tasks = [
            asyncio.create_task(runtime.bus_worker.run(stop)),
            asyncio.create_task(keep_recalculating(runtime, stop)),
        ]
        await _until_done(runtime.database("watch", 1).dsn, len(events))
        seconds = time.perf_counter() - begun
        stop.set()
        await asyncio.gather(*tasks)
        await _ensure_all_were_told(runtime.database("watch").dsn, len({news.body.practitioner_id for news in events}))
    finally:
        await runtime.close()
    return len(events) / seconds


async def _until_done(dsn: str, expected: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        while True:
            done = await connection.fetchval(
                "SELECT (SELECT count(*) FROM inbox) >= $1 AND NOT EXISTS (SELECT FROM dirty_standings)", expected
            )
            if done:
                return
            await asyncio.sleep(0.05)
    finally:
        await connection.close()


class NothingToMeasure(Exception):
    """Events were taken in and nobody was recalculated: what was measured is no pipeline."""


async def _ensure_all_were_told(dsn: str, people: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        told = await connection.fetchval(
            "SELECT count(DISTINCT subject) FROM outbox WHERE type LIKE '%.standing_changed.v1'"
        )
    finally:
        await connection.close()
    if told != people:
        raise NothingToMeasure(f"{told} of {people}")


INBOX = "INSERT INTO inbox (consumer, event_id) SELECT 'bare', * FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING"
LEDGER = """
INSERT INTO ledger_entries (attendance_id, sequence, practitioner_id, profession, course_id, role, minutes, status, reason,
                            recorded_at, known_at, event_id)
SELECT a, s, p, f, c, r, NULL, 'recorded', '', now(), now(), e
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::uuid[]) AS u(a, s, p, f, c, r, e)
ON CONFLICT DO NOTHING
"""
STANDING = """
INSERT INTO standings AS t (practitioner_id, profession, version, as_of, window_since, window_end, digest, summary,
                            computed_at, computed_by)
SELECT l.practitioner_id, l.profession, 1, current_date, current_date, current_date, '',
       sum((a.awards ->> '2:learner')::numeric)::text, now(), $2
FROM ledger_entries l JOIN course_approvals a USING (course_id)
WHERE l.practitioner_id = ANY($1::uuid[]) GROUP BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE SET version = t.version + 1, summary = excluded.summary,
    computed_at = excluded.computed_at
RETURNING practitioner_id, profession, version, summary
"""
OUTBOX = """
INSERT INTO outbox (id, type, subject, sequence, occurred_at, data)
SELECT i, t, s, n, now(), d FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::jsonb[]) AS u(i, t, s, n, d)
"""


async def bare(database_url: str, amqp_url: str, *, batch: int = 200, rosters: int = COURSES) -> float:
    """The same rows by hand: inbox, ledger, standing, two news each; commit, then acknowledge."""
    dsn = database_url.replace("+asyncpg", "")
    settings = ServiceSettings(service="credits", database_url=database_url, amqp_url=amqp_url)
    runtime = Runtime(SERVICE, settings, SystemClock())
    persons, courses = people(), [new_id() for _ in range(rosters)]
    await take_in(runtime.database("seed"), background(persons, courses), batch=500)
    await runtime.close()
    events = roster_events(persons, courses)
    async with connected(amqp_url, "bench") as filling:
        await (await filling.channel()).declare_queue("bare.events", durable=True, arguments={"x-queue-type": "quorum"})
    await fill(amqp_url, "bare.events", [message_of(news) for news in events])
    garbage.look_seldom()
    begun = time.perf_counter()
    connection = await aio_pika.connect(amqp_url)
    database = await asyncpg.connect(dsn)
    try:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=2 * batch)
        queue = await channel.declare_queue("bare.events", durable=True, arguments={"x-queue-type": "quorum"})
        arrived: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()

        async def arrive(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            arrived.put_nowait(message)

        await queue.consume(arrive)
        done = 0
        while done < len(events):
            messages = [await arrived.get()]
            await asyncio.sleep(0.002)
            while len(messages) < batch and not arrived.empty():
                messages.append(arrived.get_nowait())
            await _take_in(database, messages)
            await messages[-1].ack(multiple=True)
            done += len(messages)
        return len(events) / (time.perf_counter() - begun)
    finally:
        await connection.close()
        await database.close()


_envelope = msgspec.json.Decoder(CloudEvent)
_body = msgspec.json.Decoder(Attendance)


async def _take_in(
    database: asyncpg.Connection[asyncpg.Record], messages: Sequence[aio_pika.abc.AbstractIncomingMessage]
) -> None:
    envelopes = [_envelope.decode(m.body) for m in messages]
    bodies = [_body.decode(e.data) for e in envelopes]
    async with database.transaction():
        await database.execute(INBOX, [e.id for e in envelopes])
        await database.execute(
            LEDGER,
            [b.attendance_id for b in bodies],
            [e.version for e in envelopes],
            [b.practitioner_id for b in bodies],
            [b.profession for b in bodies],
            [b.course_id for b in bodies],
            [b.role.value for b in bodies],
            [e.id for e in envelopes],
        )
        rows = await database.fetch(STANDING, list({b.practitioner_id for b in bodies}), new_id())
        news = [
            (
                new_id(),
                kind,
                f"{r['practitioner_id']}:{r['profession']}",
                r["version"],
                f'{{"valid": "{r["summary"]}"}}',
            )
            for r in rows
            for kind in ("cec.credits.standing_changed.v1", "cec.public.standing_changed.v1")
        ]
        await database.execute(OUTBOX, *(list(column) for column in zip(*news, strict=True)))
