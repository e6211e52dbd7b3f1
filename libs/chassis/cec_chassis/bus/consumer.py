"""Takes events in: a batch, one transaction, commit, then acknowledge.

Invariants: a message is acknowledged only after its effects are committed, or after the broker has confirmed its
copy in the retry ladder or in parking. A batch that fails is taken in one by one, so a bad message hurts only itself.
While the database is away, messages are held and nothing is counted against them. The client library's own loops are
avoided: `queue.iterator()` burns delivery counts of messages nobody saw (trap A5), `message.process()` drops messages
on cancellation (trap A6), and an error raised in a callback blocks a prefetch slot for ever (trap A7). Nor is the library's
message built for each arrival, which with a task of its own for its callback costs as much as reading the event: only a
message that is put aside becomes one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
from aio_pika.message import IncomingMessage
from opentelemetry.trace import Span

from cec_chassis.bus.aside import Aside
from cec_chassis.bus.delivery import Decoder, Delivery, acknowledge
from cec_chassis.bus.faults import Fault, Unprocessable, classify, state_of
from cec_chassis.bus.settle import Settler
from cec_chassis.bus.subscription import Handler, Received, Subscription
from cec_chassis.context import CommandContext
from cec_chassis.database.engine import Database
from cec_chassis.database.transaction import Transaction
from cec_chassis.failpoints import hit
from cec_chassis.telemetry.tracing import StoredTrace, current_trace, start_consumer_span

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractQueue
    from aiormq.abc import DeliveredMessage

TAKE_IN = """
INSERT INTO inbox (consumer, event_id)
SELECT :consumer, event_id FROM unnest(CAST(:ids AS uuid[])) AS arrived(event_id)
ON CONFLICT DO NOTHING RETURNING event_id
"""

LINGERS = 5
"""Blinks at most; while messages arrive, a fuller batch costs less for each."""
DOUBTS = 5
"""So often an error that looks like an outage is believed although the database answers."""

log = structlog.get_logger(__name__)
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Consumer:
    """One queue of one service. `run` returns when the channel is gone or `stop` is set."""

    service: str
    subscriptions: tuple[Subscription, ...]
    database: Database
    settler: Settler
    batch: int = 200
    linger_seconds: float = 0.002
    in_bulk: bool = False
    """Whether this is the slow lane; handlers find it in their transaction's context."""
    _decoder: Decoder = field(init=False)
    _aside: Aside = field(init=False)

    def __post_init__(self) -> None:
        self._decoder = Decoder(self.subscriptions)
        self._aside = Aside(self.settler)

    async def run(self, channel: AbstractChannel, queue: AbstractQueue, stop: asyncio.Event) -> None:
        """Cancellation leaves messages unsettled: the broker gives them to somebody else."""
        arrived: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
        await channel.set_qos(prefetch_count=min(2 * self.batch, 2_000))
        underlay = await channel.get_underlay_channel()
        tag = (await underlay.basic_consume(queue.name, _into(arrived))).consumer_tag or ""
        putting_aside = asyncio.create_task(self._aside.run())
        try:
            while not (stop.is_set() or channel.is_closed or putting_aside.done()):
                messages = await self._next(arrived)
                if messages:
                    await self._settle_batch(messages)
            if stop.is_set():
                await self._finish(putting_aside)
        finally:
            if not channel.is_closed:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(queue.cancel(tag), 5)
            putting_aside.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await putting_aside

    async def _finish(self, putting_aside: asyncio.Task[None]) -> None:
        emptied = asyncio.create_task(self._aside.emptied())
        await asyncio.wait({emptied, putting_aside}, return_when=asyncio.FIRST_COMPLETED)
        emptied.cancel()

    async def _next(self, arrived: asyncio.Queue[DeliveredMessage]) -> list[DeliveredMessage]:
        """What is there, up to a batch; waits a moment for the first, and for more as long as each blink brings some."""
        try:
            first = await asyncio.wait_for(arrived.get(), 0.2)
        except TimeoutError:
            return []
        messages = [first]
        for _ in range(LINGERS):
            before = 1 + arrived.qsize()
            if before >= self.batch:
                break
            await asyncio.sleep(self.linger_seconds)
            if 1 + arrived.qsize() == before:
                break
        while len(messages) < self.batch and not arrived.empty():
            messages.append(arrived.get_nowait())
        return messages

    async def _settle_batch(self, messages: list[DeliveredMessage]) -> None:
        deliveries = self._decode(messages)
        if not deliveries:
            return
        failure = await self._try(deliveries)
        if failure is None:
            await self._acknowledge(deliveries)
        elif len(deliveries) == 1:
            self._put_aside(deliveries[0].message, failure)
        else:
            for delivery in deliveries:
                await self._settle_alone(delivery)

    async def _settle_alone(self, delivery: Delivery) -> None:
        error = await self._try([delivery])
        if error is None:
            await acknowledge(delivery.message)
        else:
            self._put_aside(delivery.message, error)

    async def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        if self._aside.is_empty:
            # everything earlier on this channel is settled, so one acknowledgement covers the batch
            await acknowledge(deliveries[-1].message, multiple=True)
        else:
            for delivery in deliveries:
                await acknowledge(delivery.message)

    def _put_aside(self, message: DeliveredMessage, error: Exception) -> None:
        self._aside.put(IncomingMessage(message), error)

    def _decode(self, messages: list[DeliveredMessage]) -> list[Delivery]:
        deliveries: list[Delivery] = []
        for message in messages:
            try:
                deliveries.append(self._decoder.decode(message))
            except Unprocessable as error:
                self._put_aside(message, error)
        return deliveries

    async def _try(self, deliveries: Sequence[Delivery]) -> Exception | None:
        """None when committed; the error when the events are to blame. Waits out an absent database."""
        waited = 0.05
        doubts = 0
        while True:
            try:
                await self._take_in(deliveries)
            except Exception as error:  # noqa: BLE001 - whatever a handler raises is settled, never only logged
                if classify(error) is not Fault.INFRASTRUCTURE:
                    return error
                doubts += await self._is_dubious(error)
                if doubts == DOUBTS:
                    return error
                log.warning("consumer.paused", service=self.service, error=repr(error))
                await asyncio.sleep(waited * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
                waited = min(waited * 2, 5.0)
            else:
                return None

    async def _is_dubious(self, error: Exception) -> bool:
        """An error that looks like an outage, of which the server has said nothing while it answers others, is
        probably the handler's own: a missing file, a connection used twice at once."""
        if state_of(error):
            return False
        try:
            await self.database.ping()
        except Exception:  # noqa: BLE001 - the answer is what matters, not how it failed
            return False
        return True

    async def _take_in(self, deliveries: Sequence[Delivery]) -> None:
        await hit("consumer.before_transaction")
        with self._span(deliveries):
            async with self.database.transaction(_context_of(deliveries, self.in_bulk)) as tx:
                fresh = await self._unseen(tx, deliveries)
                await hit("consumer.after_inbox")
                for handler, events in _by_handler(fresh):
                    await handler(tx, events)
                await hit("consumer.after_write")
            self._tell(fresh)
        await hit("consumer.after_commit")

    def _tell(self, taken_in: Sequence[Delivery]) -> None:
        """At level debug a line for each event with its own trace, which a batch would hide."""
        if _logger.isEnabledFor(logging.DEBUG):
            for delivery in taken_in:
                event = delivery.event
                log.debug(
                    "event.taken_in",
                    type=event.type,
                    subject=event.subject,
                    event_id=str(event.id),
                    traceparent=event.traceparent,
                )

    def _span(self, deliveries: Sequence[Delivery]) -> AbstractContextManager[Span]:
        """One message continues its story; a batch belongs to many and is linked to each."""
        stored = [StoredTrace(d.event.traceparent) for d in deliveries if d.event.traceparent]
        if len(deliveries) == 1:
            return start_consumer_span(f"{self.service} {deliveries[0].event.type}", stored[0] if stored else None)
        return start_consumer_span(f"{self.service} batch", links=stored)

    async def _unseen(self, tx: Transaction, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those not taken in before. Replayed ones pass: a rebuild sends what the inbox has seen long ago."""
        rows = await tx.all(TAKE_IN, consumer=self.service, ids=[d.event.id for d in deliveries])
        new = {row.event_id for row in rows}
        fresh: list[Delivery] = []
        for delivery in deliveries:
            if delivery.event.id in new or delivery.is_replay:
                new.discard(delivery.event.id)  # the same event twice in one batch counts once
                fresh.append(delivery)
        return fresh


def _context_of(deliveries: Sequence[Delivery], in_bulk: bool) -> CommandContext:
    """What the handlers publish belongs to the story of the one message, or to the batch's own trace."""
    trace = current_trace()
    only = deliveries[0].event if len(deliveries) == 1 else None
    return CommandContext(
        correlation_id=only.correlation_id if only else None,
        causation_id=only.id if only else None,
        traceparent=trace.traceparent if trace else None,
        tracestate=trace.tracestate if trace else None,
        in_bulk=in_bulk,
    )


def _by_handler(deliveries: Sequence[Delivery]) -> list[tuple[Handler, list[Received[Any]]]]:
    groups: dict[Handler, list[Received[Any]]] = {}
    for delivery in deliveries:
        groups.setdefault(delivery.subscription.handler, []).append(delivery.event)
    return list(groups.items())


def _into(arrived: asyncio.Queue[Any]) -> Any:
    async def arrive(message: Any) -> None:
        arrived.put_nowait(message)

    return arrive
