"""One life of a worker's connection to the broker: declare, consume, watch; when anything breaks, all is built anew."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import AMQPError

from cec_chassis.bus.connection import connected, is_told_to_end
from cec_chassis.bus.consumer import Consumer
from cec_chassis.bus.names import RETRY_DELAYS, QueueNames
from cec_chassis.bus.parking import ParkingConsumer
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.settle import Settler
from cec_chassis.bus.subscription import Subscription
from cec_chassis.bus.topology import RetryDelays, declare_consumer
from cec_chassis.database.engine import Database

LOST = (OSError, AMQPError, RuntimeError, asyncio.CancelledError)
"""How the end of a connection shows. Anything else ends a session as well, and is logged with its stack."""
WATCH_SECONDS = 5.0
DRAIN_SECONDS = 25.0
REPLAY_BATCH = 50
"""Small, so that single events, which share processor and database, come soon between two of them."""

log = structlog.get_logger(__name__)


class SessionLost(ConnectionError):
    """Channel, connection or queue is gone; a new session will declare what is missing."""


def _others(error: BaseException) -> BaseException | None:
    if isinstance(error, BaseExceptionGroup):
        return error.split(LOST)[1]
    return None if isinstance(error, LOST) else error


def _told(error: BaseException) -> str:
    return repr(error.exceptions) if isinstance(error, BaseExceptionGroup) else repr(error)


@dataclass(slots=True)
class Depths:
    """What the last look at the broker found, for gauges and readiness. None: not known yet."""

    waiting: int | None = None
    parked: int | None = None
    connected: bool = False


@dataclass(slots=True)
class BusWorker:
    """All consuming of one service: single events, the slow lane of bulk and replay, and parking."""

    service: str
    subscriptions: tuple[Subscription, ...]
    database: Database
    amqp_url: str
    delays: RetryDelays = RETRY_DELAYS
    batch: int = 200
    depths: Depths = field(default_factory=Depths)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; a broker that is away is asked again with jittered back-off, for ever."""
        failures = 0
        while not stop.is_set():
            try:
                await self._session(stop)
                failures = 0
            except (Exception, asyncio.CancelledError) as lost:
                if is_told_to_end(lost):
                    raise
                failures = 1 if self.depths.connected else min(failures + 1, 5)
                expected = not _others(lost)
                log.warning("worker.session_lost", service=self.service, error=_told(lost), exc_info=not expected)
            finally:
                self.depths.connected = False
            if not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), random.uniform(0.1, 0.2 * 2**failures))  # noqa: S311 - jitter

    async def _session(self, stop: asyncio.Event) -> None:
        names = QueueNames(self.service)
        async with (
            connected(self.amqp_url, f"{self.service} consume") as consuming,
            connected(self.amqp_url, f"{self.service} settle") as publishing,
        ):
            await self._declare(await consuming.channel(), names)
            self.depths.connected = True
            log.info("worker.consuming", service=self.service)
            async with asyncio.TaskGroup() as group:
                ending = asyncio.Event()
                tasks = [
                    group.create_task(self._consume(consuming, publishing, names.events, self.batch, ending)),
                    group.create_task(self._consume(consuming, publishing, names.replay, REPLAY_BATCH, ending)),
                    group.create_task(self._park(consuming, names.dead, ending)),
                ]
                watching = group.create_task(self._watch(consuming, publishing, names))
                await self._until(stop, [*tasks, watching])
                ending.set()
                watching.cancel()
                if stop.is_set():
                    await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
                    for task in tasks:
                        task.cancel()  # it rolls back and settles nothing; the broker gives the messages to others

    async def _declare(self, channel: AbstractChannel, names: QueueNames) -> None:
        await declare_consumer(channel, names, (s.event.name for s in self.subscriptions), self.delays)

    async def _until(self, stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()

    async def _consume(
        self,
        consuming: AbstractConnection,
        publishing: AbstractConnection,
        queue_name: str,
        batch: int,
        stop: asyncio.Event,
    ) -> None:
        """Each queue settles on a channel of its own: an event may arrive live and replayed at once (trap A1)."""
        settler = Settler(QueueNames(self.service), await ConfirmedPublisher.on(publishing, ""), self.delays)
        channel = await consuming.channel()
        queue = await channel.get_queue(queue_name, ensure=False)
        consumer = Consumer(
            self.service,
            self.subscriptions,
            self.database,
            settler,
            batch=batch,
            in_bulk=queue_name == QueueNames(self.service).replay,
        )
        await consumer.run(channel, queue, stop)
        if not stop.is_set():
            raise SessionLost(queue_name)

    async def _park(self, connection: AbstractConnection, queue_name: str, stop: asyncio.Event) -> None:
        channel = await connection.channel()
        queue = await channel.get_queue(queue_name, ensure=False)
        await ParkingConsumer(self.service, self.database).run(channel, queue, stop)
        if not stop.is_set():
            raise SessionLost(queue_name)

    async def _watch(self, consuming: AbstractConnection, publishing: AbstractConnection, names: QueueNames) -> None:
        """A queue deleted by mistake silently ends its consumer (traps A10, A14), and a binding removed by mistake
        silently ends an event's way to us: looked for, and declared again."""
        channel = await consuming.channel()
        begun = False
        while True:
            await self._declare(channel, names)
            counts: dict[str, int] = {}
            for name in (names.events, names.replay, names.dead):
                found = (await channel.declare_queue(name, durable=True, passive=True)).declaration_result
                if begun and not found.consumer_count:
                    raise SessionLost(name)
                counts[name] = found.message_count or 0
            self.depths.waiting = counts[names.events] + counts[names.replay]
            self.depths.parked = counts[names.dead]
            begun = True
            await asyncio.sleep(WATCH_SECONDS)
            if publishing.is_closed or consuming.is_closed:
                raise SessionLost("connection")
