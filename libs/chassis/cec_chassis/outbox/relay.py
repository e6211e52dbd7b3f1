"""Sends committed outbox rows to the broker and marks them only when the broker has confirmed them.

Which rows go next is decided in `claims`. What was told in bulk goes to an exchange of its own, from which consumers take
it in a slow lane.

What may never happen: a committed row that is not sent (a crash anywhere leaves it unmarked, and rows are found by
"not yet published", never by a cursor, which would skip a transaction that commits late); a row marked without a
confirm. What may happen: a row sent twice (crash between confirm and mark). Consumers are indifferent to that.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import aio_pika
import asyncpg
import structlog
from aiormq.exceptions import AMQPError

from cec_chassis.bus.connection import close_quietly, connect, is_told_to_end
from cec_chassis.bus.names import PUBLIC_PUBLISHER, bulk_exchange
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.topology import declare_public, declare_publishers
from cec_chassis.database.schema import FORGET_OUTBOX
from cec_chassis.failpoints import hit
from cec_chassis.outbox.claims import Claims
from cec_chassis.outbox.message import envelope_of
from cec_chassis.outbox.pace import PACED_SECONDS
from cec_chassis.outbox.signal import CHANNEL
from cec_chassis.telemetry.tracing import StoredTrace, producer_span

LEADER_LOCK = 0x0CEC_0002
WINDOW = 256
POLL_SECONDS = 1.0
LARGEST_BACKOFF_SECONDS = 300
MAINTAIN_SECONDS = 6 * 3600.0
SESSION = {
    "application_name": "relay",
    "idle_session_timeout": "30000",
    "enable_bitmapscan": "off",
    "enable_seqscan": "off",
}
"""A leader asks every second. One that was cut off without a word must not stay leader for as long as the server's
operating system believes in its connection, which is hours: after 30 s of silence the server ends its session, and
with it the lock.
No statistics are ever new enough to say how many rows wait: after an import the planner reckons with a dozen where there are
thousands, and would read them all for each batch. By the indexes a batch costs the same whatever waits behind it."""

MARK = """
UPDATE outbox SET published_at = now(), last_error = NULL
WHERE seq = ANY($1::bigint[]) AND recorded_at BETWEEN $2 AND $3
"""
POSTPONE = """
UPDATE outbox SET attempts = attempts + 1, last_error = $4,
       next_try_at = now() + least(power(2, attempts), $5) * interval '1 second'
WHERE seq = ANY($1::bigint[]) AND recorded_at BETWEEN $2 AND $3
"""

log = structlog.get_logger(__name__)

BROKER_GONE = (ConnectionError, OSError, AMQPError, aio_pika.exceptions.ChannelInvalidStateError, RuntimeError)
DATABASE_GONE = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.PostgresError)


class BrokerLost(ConnectionError):
    """The broker went away in the middle of a batch; nothing of it is held against the rows."""


@dataclass(slots=True)
class _Outcome:
    confirmed: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Relay:
    """One leader for each service, by a session advisory lock on a connection of its own: losing the connection is
    losing the lock. A second relay stands by. A stale leader could at worst send duplicates."""

    service: str
    dsn: str
    amqp_url: str
    amqp_public_url: str
    publishers: Sequence[str]
    keep_months: int = 0
    leading: bool = False
    sending: bool = False
    """Leading, with broker and database at hand."""
    claims: Claims = field(default_factory=Claims)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; survives the loss of database and broker, however it shows, with jittered back-off."""
        failures = 0
        while not stop.is_set():
            try:
                await self._lead(stop)
                failures = 0
            except (Exception, asyncio.CancelledError) as error:
                if is_told_to_end(error):
                    raise
                failures = 1 if self.sending else min(failures + 1, 5)
                expected = isinstance(error, (*BROKER_GONE, *DATABASE_GONE, asyncio.CancelledError))
                log.warning("relay.interrupted", service=self.service, error=repr(error), exc_info=not expected)
                await _sleep(stop, random.uniform(0.1, 0.2 * 2**failures))  # noqa: S311 - jitter, no secret
            finally:
                self.leading = self.sending = False

    async def _lead(self, stop: asyncio.Event) -> None:
        database = await asyncpg.connect(self.dsn, timeout=5, command_timeout=30, server_settings=SESSION)
        try:
            while not await database.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):
                if await _sleep(stop, POLL_SECONDS):
                    return
            self.leading = True
            news = asyncio.Event()
            await database.add_listener(CHANNEL, lambda *_: news.set())
            await self._maintain(database)
            async with _Outlets(self) as outlets:
                await self._relay(database, outlets, news, stop)
        finally:
            database.terminate()

    async def _relay(
        self,
        database: asyncpg.Connection[asyncpg.Record],
        outlets: _Outlets,
        news: asyncio.Event,
        stop: asyncio.Event,
    ) -> None:
        maintained = time.monotonic()
        while not stop.is_set():
            if time.monotonic() - maintained > MAINTAIN_SECONDS:
                await self._maintain(database)
                maintained = time.monotonic()
            news.clear()
            rows = await self.claims.next(database)
            self.sending = True
            await hit("relay.after_claim")
            if rows:
                await self._send(database, outlets, rows)
                continue
            outlets.check()
            stopping = asyncio.ensure_future(stop.wait())
            waiting = asyncio.ensure_future(news.wait())
            patience = PACED_SECONDS if self.claims.held_back else POLL_SECONDS
            await asyncio.wait({stopping, waiting}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            waiting.cancel()

    async def _send(
        self, database: asyncpg.Connection[asyncpg.Record], outlets: _Outlets, rows: Sequence[asyncpg.Record]
    ) -> None:
        outcome = _Outcome()
        window = asyncio.Semaphore(WINDOW)
        stories = [StoredTrace(row["traceparent"], row["tracestate"]) for row in rows if row["traceparent"]]
        try:
            with producer_span(f"{self.service} relay", stories):
                async with asyncio.TaskGroup() as group:
                    for row in rows:
                        await window.acquire()
                        group.create_task(self._send_one(outlets, row, outcome, window))
        except* BROKER_GONE as lost:
            raise BrokerLost(str(lost.exceptions[0])) from lost
        finally:
            # what was confirmed is marked even when the rest of the batch failed
            first, last = min(row["recorded_at"] for row in rows), max(row["recorded_at"] for row in rows)
            if outcome.confirmed:
                await hit("relay.after_confirm")
                await database.execute(MARK, outcome.confirmed, first, last)
                await hit("relay.after_mark")
            for seq, error in outcome.refused.items():
                log.error("relay.refused", service=self.service, seq=seq, error=error)
                await database.execute(POSTPONE, [seq], first, last, error, LARGEST_BACKOFF_SECONDS)
        if len(outcome.confirmed) + len(outcome.refused) < len(rows):
            raise BrokerLost("some rows were neither confirmed nor refused")

    async def _send_one(
        self, outlets: _Outlets, row: asyncpg.Record, outcome: _Outcome, window: asyncio.Semaphore
    ) -> None:
        try:
            body = envelope_of(dict(row), self.service)
            publisher = outlets.of(row["type"], bulk=row["bulk"])
            sending = asyncio.ensure_future(publisher.publish(body, routing_key=row["type"], message_id=row["id"]))
            await hit("relay.after_publish")
            await sending
            outcome.confirmed.append(row["seq"])
        except (aio_pika.exceptions.DeliveryError, LookupError, ValueError, TypeError) as error:
            outcome.refused[row["seq"]] = repr(error)  # returned, refused, or no event that we could send at all
        finally:
            window.release()

    async def _maintain(self, database: asyncpg.Connection[asyncpg.Record]) -> None:
        """Next months' partitions, and the end of those kept long enough. Where a month has none the default partition
        takes its rows, but they cannot be dropped by age."""
        try:
            await database.execute("SELECT ensure_outbox_partitions(3)")
            if self.keep_months:
                await database.execute(FORGET_OUTBOX.replace("@months", str(int(self.keep_months))))
        except asyncpg.PostgresError as error:
            log.error("relay.partitions", service=self.service, error=str(error))


class _Outlets:
    """A confirmed publisher for each exchange the service publishes to; the public one lives in another virtual host,
    where other systems have bound their queues, and knows no bulk."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._connections: list[aio_pika.abc.AbstractConnection] = []
        self._publishers: dict[str, ConfirmedPublisher] = {}
        self._for_bulk: dict[str, ConfirmedPublisher] = {}

    async def __aenter__(self) -> _Outlets:
        try:
            await self._open(self._relay.amqp_url, [p for p in self._relay.publishers if p != PUBLIC_PUBLISHER])
            if PUBLIC_PUBLISHER in self._relay.publishers:
                await self._open(self._relay.amqp_public_url, [PUBLIC_PUBLISHER])
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._connections:
            await close_quietly(connection)

    async def _open(self, url: str, publishers: Iterable[str]) -> None:
        connection = await connect(url, f"{self._relay.service} relay")
        self._connections.append(connection)
        channel = await connection.channel()
        for publisher in publishers:
            if publisher == PUBLIC_PUBLISHER:
                await declare_public(channel)
            else:
                await declare_publishers(channel, [publisher])
                self._for_bulk[publisher] = await ConfirmedPublisher.on(connection, bulk_exchange(publisher))
            self._publishers[publisher] = await ConfirmedPublisher.on(connection, f"cec.{publisher}")

    def of(self, event_type: str, *, bulk: bool) -> ConfirmedPublisher:
        publisher = event_type.split(".")[1]
        single = self._publishers[publisher]
        return self._for_bulk.get(publisher, single) if bulk else single

    def check(self) -> None:
        if any(connection.is_closed for connection in self._connections):
            raise BrokerLost("connection closed while idle")
        if not all(publisher.is_open for publisher in (*self._publishers.values(), *self._for_bulk.values())):
            raise BrokerLost("channel closed while idle")


async def _sleep(stop: asyncio.Event, seconds: float) -> bool:
    """True when stopped meanwhile."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()
