"""Serving: granian as a process of its own, or inside a process that also does other work.

Granian listens with SO_REUSEPORT, so a second server on a taken port would start without a word and get every other
connection. Both ways therefore try the port first and say in one line when it is taken.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from pathlib import Path

import structlog
from granian.constants import HTTPModes, Interfaces, Loops
from granian.server import Server as ProcessServer
from granian.server.embed import Server as EmbeddedServer
from litestar import Litestar

log = structlog.get_logger(__name__)

GRACE_SECONDS = 20
"""How long requests in flight may still take after the order to stop."""


class PortTaken(Exception):
    """Somebody else listens at the address."""


def require_free_port(host: str, port: int) -> None:
    """Raise PortTaken when somebody listens at the address.

    Raises:
        PortTaken: the text is one line that names the address.
        OSError: the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(f"{host}:{port} 已被使用 / is taken by another process") from None
            raise


async def serve(app: Litestar, host: str, port: int, stop: asyncio.Event) -> None:
    """Serve until `stop` is set, in the event loop that is running: for a process that is API, worker and relay at once.

    Requests in flight are finished first, for at most 20 seconds; then the application's lifespan ends. Signals are
    left alone: whoever owns the process sets `stop`.

    Raises:
        PortTaken: somebody else listens there.
        Exception: the application's start-up failed.
    """
    require_free_port(host, port)
    server = EmbeddedServer(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
        backlog=1024,
    )
    serving = asyncio.create_task(server.serve(), name=f"http:{port}")
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            server.stop()  # type: ignore[no-untyped-call]
            await asyncio.wait({serving}, timeout=GRACE_SECONDS)
        if not serving.done():
            log.warning("requests_cut_off", port=port, after_seconds=GRACE_SECONDS)
    finally:
        for task in (serving, stopping):
            task.cancel()
        outcome = (await asyncio.gather(serving, stopping, return_exceptions=True))[0]
    if isinstance(outcome, Exception):
        raise outcome


def run_granian(target: str, host: str, port: int, *, working_dir: Path | None = None) -> None:
    """Serve the application factory `target` (`cec_credits.app:create`) until the process is told to stop. Blocks.

    One worker: replicas are processes, so that each can be limited, restarted and counted by itself. A worker that
    does not end in time after the order to stop is killed.

    Raises:
        PortTaken: somebody else listens there.
    """
    require_free_port(host, port)
    ProcessServer(
        target,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        log_enabled=False,
        workers_kill_timeout=GRACE_SECONDS,
        working_dir=working_dir,
    ).serve()
