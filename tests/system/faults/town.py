"""Enrolment and credits as real processes on real servers, a story told to them, and the invariants that must hold.

The test itself stands in for identity and review, whose news it sends confirmed, and for enrolment's API, whose
transactions it commits; what enrolment has committed is read from enrolment's own outbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from tests.support.eventually import eventually
from tests.support.facts import News
from tests.system.faults.facts_told import FactsTold, expected_summaries
from tests.system.faults.processes import ServiceProcess, Zygote

from cec_chassis.bus.connection import connected, is_told_to_end
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.clock import SystemClock, taipei_date
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_contracts.enrolment import Attendance
from cec_contracts.envelope import CloudEvent, padded

LADDER = (("200ms", 200), ("400ms", 400), ("800ms", 800))
NAMES = QueueNames("credits")
QUEUES = (NAMES.events, NAMES.replay, NAMES.dead, *(NAMES.retry(label) for label, _ in LADDER))


@dataclass
class Town:
    """Addresses are those the test uses; a process may be given others (a proxy's) when it is started."""

    zygote: Zygote
    enrolment_url: str
    credits_url: str
    amqp_url: str
    amqp_public_url: str
    story: FactsTold = field(default_factory=FactsTold)
    acknowledged: set[tuple[UUID, int]] = field(default_factory=set)
    """Attendance versions whose commit was acknowledged to us."""
    said: set[UUID] = field(default_factory=set)
    """Ids of the events we sent ourselves."""
    poison: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = SystemClock()
        self.enrolment = Database(self.enrolment_url, self.clock)

    def environment(self, service: str, **changes: str) -> dict[str, str]:
        urls = {"enrolment": self.enrolment_url, "credits": self.credits_url}
        return {
            "CEC_SERVICE_DATABASE_URL": urls[service],
            "CEC_AMQP_URL": self.amqp_url,
            "CEC_AMQP_PUBLIC_URL": self.amqp_public_url,
            "CEC_NATIONAL_ID_INDEX_KEY": "a key that is long enough for tests",
            "CEC_RETRY_DELAYS": ",".join(label for label, _ in LADDER),
            "CEC_LOG_LEVEL": "INFO",
        } | changes

    def start(self, service: str, part: str, **changes: str) -> ServiceProcess:
        """`changes` are environment variables."""
        return self.zygote.start(service, [part], self.environment(service, **changes))

    async def run(self, service: str, *arguments: str, **changes: str) -> ServiceProcess:
        """A command that ends by itself; its code and what it said can be read from the process."""
        process = self.zygote.start(service, arguments, self.environment(service, **changes))
        await process.end()
        return process

    @asynccontextmanager
    async def running(self, *parts: tuple[str, str], **changes: str) -> AsyncIterator[list[ServiceProcess]]:
        """These processes inside the block; they must still live at its end, and end in good order."""
        processes = [self.start(service, part, **changes) for service, part in parts]
        try:
            yield processes
            for process in processes:
                await process.stop()
        finally:
            for process in processes:
                process.kill()

    async def prepare(self) -> None:
        """Queues and rule sets, as the services' own migrate command makes them; then the practitioners."""
        for service in ("enrolment", "credits"):
            migrated = await self.run(service, "migrate")
            assert migrated.code == 0, migrated.said()
        await self._say(list(self.story.beginnings(taipei_date(self.clock.now()))))

    async def live(self) -> None:
        """One moment: review says something, enrolment commits something."""
        approvals, attendances = self.story.next_wave(self.clock.now())
        await self._say(approvals)
        await self._commit(attendances)

    async def live_until(self, condition: Callable[[], bool], *, pause: float = 0.05, within: float = 30) -> None:
        """One moment after the other, until it is so."""
        async with asyncio.timeout(within):
            while not condition():
                await self.live()
                await asyncio.sleep(pause)

    @asynccontextmanager
    async def living(self, *, pause: float = 0.05) -> AsyncIterator[None]:
        """Life goes on inside the block whatever fails: enrolment commits what it can, review's news waits its turn."""
        stop = asyncio.Event()

        async def go_on() -> None:
            while not stop.is_set():
                approvals, attendances = self.story.next_wave(self.clock.now())
                group.create_task(self._say(approvals))
                await self._commit(attendances)
                await asyncio.sleep(pause)

        async with asyncio.TaskGroup() as group:
            going_on = group.create_task(go_on())
            try:
                yield
            finally:
                stop.set()
                await going_on

    async def send_poison(self) -> None:
        """A message that is none, straight into credits' queue."""
        self.poison.append(f"poison {new_id()}".encode())
        async with connected(self.amqp_url, "test") as connection:
            publisher = await ConfirmedPublisher.on(connection, "")
            await publisher.publish(self.poison[-1], routing_key=NAMES.events, message_id=new_id())

    async def _commit(self, attendances: list[News]) -> None:
        """In one transaction; whether it was committed when the answer is lost, only the outbox knows."""
        try:
            async with self.enrolment.transaction() as tx:
                for news in attendances:
                    tx.publish(news.event, subject=news.subject, sequence=news.sequence, body=news.body)
        except (Exception, asyncio.CancelledError) as error:
            if is_told_to_end(error):
                raise
            return
        self.acknowledged |= {(news.subject, news.sequence) for news in attendances}

    async def _say(self, told: list[News]) -> None:
        """Until the broker confirms it: the outboxes of identity and review would do the same."""
        event_ids = [new_id() for _ in told]
        while True:
            try:
                async with asyncio.timeout(5), connected(self.amqp_url, "test") as connection:
                    outlets = {
                        news.event.publisher: await ConfirmedPublisher.on(connection, news.event.exchange)
                        for news in told
                    }
                    for news, event_id in zip(told, event_ids, strict=True):
                        await outlets[news.event.publisher].publish(
                            self._envelope(news, event_id), routing_key=news.event.name, message_id=event_id
                        )
            except (Exception, asyncio.CancelledError) as error:
                if is_told_to_end(error):
                    raise
                await asyncio.sleep(0.2)
            else:
                self.said.update(event_ids)
                return

    def _envelope(self, news: News, event_id: UUID) -> bytes:
        return msgspec.json.encode(
            CloudEvent(
                id=event_id,
                source=f"/cec/{news.event.publisher}",
                type=news.event.name,
                subject=str(news.subject),
                time=self.clock.now(),
                sequence=padded(news.sequence),
                data=msgspec.Raw(msgspec.json.encode(news.body)),
            )
        )

    async def settle(self, *, within: float = 30) -> float:
        """Waits until all that was committed has had its effects and nothing is on its way; the seconds it took."""
        return await eventually(self._is_settled, within=within, every=0.1, what="everything has come to rest")

    async def settle_relay(self) -> None:
        """Waits until everything that enrolment has committed is sent."""
        unsent = "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"

        async def is_sent() -> bool:
            return not await fetch(self.enrolment_url, unsent)

        await eventually(is_sent, within=20)

    async def _is_settled(self) -> bool:
        try:
            # In the order of the flow: what has arrived is marked by then, what was marked is told by then. In another
            # order a message could come off the retry ladder between two questions, and all would seem quiet.
            unsent = "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"
            if await fetch(self.enrolment_url, unsent) or any((await self.depths()).values()):
                return False
            if await self._not_taken_in() or await fetch(self.credits_url, "SELECT 1 FROM dirty_standings LIMIT 1"):
                return False
            # A message in somebody's hands is in no queue: poison is at rest where it is parked, and nowhere before.
            parked = await fetch(self.credits_url, "SELECT 1 FROM parked_messages WHERE state = 'parked'")
            return len(parked) >= len(self.poison) and not await fetch(self.credits_url, unsent)
        except (Exception, asyncio.CancelledError) as error:
            if is_told_to_end(error):
                raise
            return False

    async def depths(self) -> dict[str, int]:
        """Messages that wait in each queue of credits."""
        async with connected(self.amqp_url, "test") as connection:
            channel = await connection.channel()
            found = {}
            for queue in QUEUES:
                declared = await channel.declare_queue(queue, passive=True, durable=True)
                found[queue] = declared.declaration_result.message_count or 0
            return found

    async def _not_taken_in(self) -> set[UUID]:
        sent = {row["id"] for row in await fetch(self.enrolment_url, "SELECT id FROM outbox")}
        return (sent | self.said) - {
            row["event_id"] for row in await fetch(self.credits_url, "SELECT event_id FROM inbox")
        }

    async def check(self) -> None:
        """Every committed attendance counts exactly once, and nothing else does."""
        committed = await fetch(self.enrolment_url, "SELECT id, subject, sequence, data::text AS data FROM outbox")
        versions = {(UUID(row["subject"]), row["sequence"]) for row in committed}
        assert versions >= self.acknowledged, "an acknowledged commit is gone"
        ledger = await fetch(self.credits_url, "SELECT attendance_id, sequence, event_id FROM ledger_entries")
        assert {(row["attendance_id"], row["sequence"]) for row in ledger} == versions
        assert len(ledger) == len(versions)
        assert {row["event_id"] for row in ledger} == {row["id"] for row in committed}
        assert await self._not_taken_in() == set()
        await self._check_standings(committed)
        parked = await fetch(self.credits_url, "SELECT body FROM parked_messages WHERE state = 'parked'")
        assert sorted(row["body"] for row in parked) == sorted(self.poison)
        assert not await fetch(self.credits_url, "SELECT * FROM recalculation_failures")
        assert any(versions), "nothing was committed, so nothing was shown"

    async def _check_standings(self, committed: list[asyncpg.Record]) -> None:
        newest: dict[str, asyncpg.Record] = {}
        for row in sorted(committed, key=lambda row: row["sequence"]):
            newest[row["subject"]] = row
        facts = [msgspec.json.decode(row["data"], type=Attendance) for row in newest.values()]
        stored = await fetch(self.credits_url, "SELECT practitioner_id, version, summary FROM standings")
        expected = expected_summaries(self.story.told, facts, self.clock.now())
        assert {row["practitioner_id"]: row["summary"] for row in stored} == expected
        told = await fetch(
            self.credits_url,
            "SELECT subject, max(sequence) AS newest, count(*) AS number FROM outbox"
            " WHERE type = 'cec.credits.standing_changed.v1' GROUP BY subject",
        )
        versions = {str(row["practitioner_id"]): row["version"] for row in stored}
        assert {row["subject"].split(":")[0]: row["newest"] for row in told} == versions
        assert all(row["number"] == row["newest"] for row in told), "each change of a standing is told once"

    async def check_nobody_held_anything(self) -> None:
        """With no worker left, nothing is left in a queue either: not even what somebody had and never acknowledged."""
        await eventually(self._are_queues_empty, what="queues are empty once nobody holds messages")

    async def close(self) -> None:
        """Lets go of connections."""
        await self.enrolment.close()

    async def _are_queues_empty(self) -> bool:
        return not any((await self.depths()).values())


async def fetch(url: str, sql: str, *arguments: Any) -> list[asyncpg.Record]:
    """What a query finds, on a connection of its own."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetch(sql, *arguments)
    finally:
        await connection.close()


def pairs(*points: str) -> list[tuple[str, int]]:
    """Each failpoint, the first and the second time."""
    return [(point, nth) for point in points for nth in (1, 2)]
