"""Parking: messages that could not be taken in wait in a table, with their reason, until somebody decides.

The queue `<service>.events.dead` is filled by the consumer (permanent faults, ladder exhausted) and by the broker
(delivery limit: a message that killed its consumer again and again). The parking consumer moves them into the table.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import structlog

from cec_chassis.bus.connection import connected
from cec_chassis.bus.consumer import _into
from cec_chassis.bus.delivery import ATTEMPT_HEADER, attempt_of, digest_of
from cec_chassis.bus.faults import Fault, classify
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.database.engine import Database
from cec_chassis.database.transaction import Transaction
from cec_chassis.failpoints import hit
from cec_chassis.ids import new_id

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

PARK = """
INSERT INTO parked_messages (id, consumer, message_key, type, subject, body, headers, reason, error, attempts, state)
VALUES (:id, :consumer, :key, :type, :subject, :body, CAST(:headers AS jsonb), :reason, :error, :attempts, 'parked')
ON CONFLICT (consumer, message_key) DO UPDATE SET
    headers = excluded.headers, reason = excluded.reason, error = excluded.error, attempts = excluded.attempts,
    state = 'parked', parked_at = now(), times_parked = parked_messages.times_parked + 1
"""
LIST = """
SELECT id, message_key, type, subject, reason, error, attempts, state, times_parked, first_parked_at, parked_at
FROM parked_messages
WHERE consumer = :consumer AND state = 'parked' AND (CAST(:reason AS text) IS NULL OR reason = :reason)
ORDER BY parked_at, id LIMIT :limit
"""
TAKE = """
SELECT id, message_key, body, headers::text AS headers FROM parked_messages
WHERE consumer = :consumer AND state = 'parked' AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
  AND (CAST(:reason AS text) IS NULL OR reason = :reason)
  AND parked_at <= CAST(:until AS timestamptz)
ORDER BY parked_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
"""
NOW = "SELECT clock_timestamp()"
DECIDE = """
UPDATE parked_messages SET state = :state, decided_by = :by, decided_at = now() WHERE id = ANY(CAST(:ids AS uuid[]))
"""
OURS = ("x-park-reason", "x-park-error", ATTEMPT_HEADER)
REDRIVE_PAGE = 200
LARGEST_INTEGER = 2**31 - 1
LONGEST_ERROR = 2_000
UNREADABLE = "unreadable"
"""The reason of what could not even be described."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ParkingConsumer:
    """Writes parked messages into the table, one transaction each; they are few."""

    service: str
    database: Database

    async def run(self, channel: AbstractChannel, queue: AbstractQueue, stop: asyncio.Event) -> None:
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await channel.set_qos(prefetch_count=50)
        await queue.consume(_into(arrived))
        while not stop.is_set() and not channel.is_closed:
            with contextlib.suppress(TimeoutError):
                message = await asyncio.wait_for(arrived.get(), 0.2)
                await self._park(message)

    async def _park(self, message: AbstractIncomingMessage) -> None:
        """Whatever is wrong with a message, it must not hold up those behind it: what cannot be described is parked
        without a description."""
        try:
            row = _row(message)
        except Exception as error:  # noqa: BLE001 - said in the parked row
            row = _bare_row(message, error)
        while True:
            try:
                async with self.database.transaction() as tx:
                    await tx.execute(PARK, id=new_id(), consumer=self.service, **row)
            except Exception as error:
                if classify(error) is Fault.INFRASTRUCTURE:
                    await asyncio.sleep(1)
                elif row["reason"] == UNREADABLE:
                    raise
                else:
                    row = _bare_row(message, error)
            else:
                break
        await hit("parking.after_commit")
        await message.ack()


def _row(message: AbstractIncomingMessage) -> dict[str, Any]:
    """The body is kept to the byte; what is only for reading loses the characters that PostgreSQL cannot hold."""
    headers = {key: value for key, value in message.headers.items() if key != "x-death"}
    event = _peek(message.body)
    return {
        "key": digest_of(message),
        "type": _storable(event.get("type", "")),
        "subject": _storable(event.get("subject", "")),
        "body": message.body,
        "headers": msgspec.json.encode(headers, enc_hook=str).decode().replace(r"\u0000", r"\ufffd"),
        "reason": _storable(headers.get("x-park-reason", "delivery-limit")),
        "error": _storable(
            headers.get("x-park-error", "the broker gave up: delivered too often without being settled")
        ),
        "attempts": min(attempt_of(message), LARGEST_INTEGER),
    }


def _bare_row(message: AbstractIncomingMessage, error: BaseException) -> dict[str, Any]:
    """Only the bytes, and why there is no more."""
    return {
        "key": digest_of(message),
        "type": "",
        "subject": "",
        "body": message.body,
        "headers": "{}",
        "reason": UNREADABLE,
        "error": _storable(repr(error))[:LONGEST_ERROR],
        "attempts": 0,
    }


def _storable(value: object) -> str:
    return str(value).replace("\0", "\ufffd")


def _peek(body: bytes) -> dict[str, Any]:
    try:
        event = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


async def list_parked(tx: Transaction, consumer: str, reason: str | None = None, limit: int = 100) -> Sequence[Any]:
    """What waits for a decision, oldest first."""
    return await tx.all(LIST, consumer=consumer, reason=reason, limit=limit)


async def redrive(
    database: Database,
    amqp_url: str,
    consumer: str,
    *,
    ids: Sequence[UUID] | None = None,
    reason: str | None = None,
    by: str = "operator",
) -> int:
    """Gives parked messages to their consumer again, and to no one else: some by id, a group by reason, or all.
    Returns how many. One that fails again is parked again. Audited."""
    sent = 0
    async with connected(amqp_url, f"{consumer} redrive") as connection:
        publisher = await ConfirmedPublisher.on(connection, "")
        async with database.reading() as tx:
            begun = await tx.scalar(NOW)  # what fails and is parked again meanwhile is not taken a second time
        while True:
            async with database.transaction() as tx:
                rows = await tx.all(
                    TAKE,
                    consumer=consumer,
                    ids=list(ids) if ids is not None else None,
                    reason=reason,
                    until=begun,
                    limit=REDRIVE_PAGE,
                )
                if not rows:
                    return sent
                for row in rows:
                    headers = {k: v for k, v in msgspec.json.decode(row.headers).items() if k not in OURS}
                    await publisher.publish(
                        row.body, routing_key=QueueNames(consumer).events, message_id=row.message_key, headers=headers
                    )
                await tx.execute(DECIDE, state="redriven", by=by, ids=[row.id for row in rows])
                for row in rows:
                    tx.audit("parked_message.redriven", subject_type="parked_message", subject_id=row.id, reason=by)
                sent += len(rows)


async def discard(tx: Transaction, consumer: str, message_id: UUID, *, by: str, reason: str) -> bool:
    """Decides that a parked message is never to be taken in. The row stays. False when there is none."""
    now = await tx.scalar(NOW)
    rows = await tx.all(TAKE, consumer=consumer, ids=[message_id], reason=None, until=now, limit=1)
    if not rows:
        return False
    await tx.execute(DECIDE, state="discarded", by=by, ids=[message_id])
    tx.audit("parked_message.discarded", subject_type="parked_message", subject_id=message_id, reason=reason)
    return True
