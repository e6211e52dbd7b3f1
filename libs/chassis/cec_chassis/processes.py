"""The processes a service can be: api, worker, relay, or all three in one for the local stack."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from cec_chassis import garbage
from cec_chassis.audit.loop import keep_sealing, measure_audit
from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import PUBLIC_PUBLISHER, QueueNames
from cec_chassis.bus.topology import declare_consumer, declare_publishers
from cec_chassis.database.maintenance import maintain
from cec_chassis.database.migrations import migrate
from cec_chassis.gauges import measure_consumer, measure_outbox, report
from cec_chassis.http.server import serve
from cec_chassis.parts import survives, until_stopped
from cec_chassis.service import Loop, Runtime, Service
from cec_chassis.telemetry import configure_telemetry

Part = Callable[[Runtime, asyncio.Event], Awaitable[None]]
RESTART_SECONDS = 1.0
HEARTBEAT_SECONDS = 5.0

log = structlog.get_logger(__name__)


async def api(runtime: Runtime, stop: asyncio.Event) -> None:
    app = runtime.service.create_app(runtime)
    app.state["parts"] = runtime.parts
    await serve(app, runtime.settings.host, runtime.settings.port, stop)


async def relay(runtime: Runtime, stop: asyncio.Event) -> None:
    """Does nothing in a service that publishes nothing."""
    if runtime.service.publishes:
        await asyncio.gather(runtime.relay().run(stop), report(measure_outbox, runtime, stop))
    else:
        await stop.wait()


async def worker(runtime: Runtime, stop: asyncio.Event) -> None:
    parts: list[Awaitable[None]] = [
        maintain(runtime.database("maintenance", 1), stop),
        _kept_running(keep_sealing, runtime, stop),
        report(measure_audit, runtime, stop),
    ]
    if runtime.service.subscriptions:
        runtime.parts.working["consumer"] = lambda: runtime.bus_worker.depths.connected
        parts += [runtime.bus_worker.run(stop), report(measure_consumer, runtime, stop)]
    parts.extend(_kept_running(loop, runtime, stop) for loop in runtime.service.loops)
    await asyncio.gather(*parts)


async def _kept_running(loop: Loop, runtime: Runtime, stop: asyncio.Event) -> None:
    """A loop that fails is logged and started again; one loop never takes the consumers down with it."""
    while not stop.is_set():
        try:
            await loop(runtime, stop)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - told, and survived
            survives(getattr(loop, "__name__", "loop"), runtime.service.name, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RESTART_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter


PARTS: dict[str, Sequence[Part]] = {
    "serve": (api,),
    "work": (worker,),
    "relay": (relay,),
    "all": (api, worker, relay),
}


async def run(service: Service, process: str) -> None:
    """Until SIGTERM or SIGINT; then every part finishes what it has begun. Raises when a part ends by itself."""
    settings = service.load_settings()
    telemetry = configure_telemetry(service.name, process, version=settings.version, log_level=settings.log_level)
    runtime = Runtime(service, settings)
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(number, stop.set)
    garbage.look_seldom()  # takes a moment, in which the process can be told to end already
    try:
        async with asyncio.TaskGroup() as group:
            for part in PARTS[process]:
                running_part = until_stopped(part.__name__, service.name, part(runtime, stop), stop, runtime.parts)
                group.create_task(running_part, name=part.__name__)
            if runtime.settings.heartbeat_file:
                group.create_task(_beat(Path(runtime.settings.heartbeat_file), stop), name="heartbeat")
    finally:
        await runtime.close()
        telemetry.shutdown()


async def _beat(file: Path, stop: asyncio.Event) -> None:
    """A sign of life for whoever watches a process that listens nowhere: the file is young while the loop turns."""
    while not stop.is_set():
        file.touch()  # noqa: ASYNC240 - one system call on a local file
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), HEARTBEAT_SECONDS)


async def migrate_and_prepare(service: Service) -> None:
    """The schema, the queues, then what must exist before the first request (signing key, rule sets …). Safe to repeat.

    Queues are declared here, before anybody starts: an event that is published while its consumer has never been bound
    goes to `cec.unrouted` and not to that consumer.
    """
    runtime = Runtime(service, service.load_settings())
    try:
        await migrate(runtime.settings.database_url, service.migrations)
        await declare_queues(runtime)
        for prepare in service.prepare:
            await prepare(runtime)
    finally:
        await runtime.close()


async def declare_queues(runtime: Runtime) -> None:
    """Everything this service consumes from, and the exchanges it publishes to."""
    service, settings = runtime.service, runtime.settings
    async with connected(settings.amqp_url, f"{service.name} migrate") as connection:
        channel = await connection.channel()
        await declare_publishers(channel, (e.publisher for e in service.publishes if e.publisher != PUBLIC_PUBLISHER))
        if service.subscriptions:
            types = [subscription.event.name for subscription in service.subscriptions]
            await declare_consumer(channel, QueueNames(service.name), types, settings.retry_delays)
