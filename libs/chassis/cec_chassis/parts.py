"""The parts of a process (API, worker, relay): how they do, and that none ends without a word.

A part that fails ends its process with a code other than 0, so that whoever watches the process starts it again. The
trap is the cancellation nobody asked for, which client libraries let escape when a connection breaks: a TaskGroup takes
a cancelled child for one that ended well, and the process would live on without it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from cec_chassis.bus.connection import is_told_to_end
from cec_chassis.telemetry import counter

PATIENCE_SECONDS = 10.0
"""Longer than a connection takes to come back by itself."""

log = structlog.get_logger(__name__)

failures = counter(
    "cec.process.failures", unit="{failure}", description="parts and loops that failed or ended by themselves"
)


class PartEnded(RuntimeError):
    """A part ended although nobody had told it to; the process ends with it."""


@dataclass(slots=True)
class Parts:
    """How the parts of this process do; readiness asks here."""

    ended: set[str] = field(default_factory=set)
    """Those that have ended by themselves: the process is on its way out."""
    working: dict[str, Callable[[], bool]] = field(default_factory=dict)
    """Those that may have to wait without being at fault, and how to ask whether they can work now."""

    _idle_since: dict[str, float] = field(default_factory=dict)

    def waiting(self) -> list[str]:
        """The parts that could not work when this was asked `PATIENCE_SECONDS` ago, and cannot now."""
        now = time.monotonic()
        for name, works in self.working.items():
            if works():
                self._idle_since.pop(name, None)
            else:
                self._idle_since.setdefault(name, now)
        return [name for name, since in self._idle_since.items() if now - since >= PATIENCE_SECONDS]


async def until_stopped(name: str, service: str, part: Awaitable[None], stop: asyncio.Event, parts: Parts) -> None:
    """Run `part` until `stop` is set.

    Raises:
        PartEnded: it ended by itself: without an error, by one, or by a cancellation that was not meant for it.
        asyncio.CancelledError: this task was told to end.
    """
    cause: BaseException | None = None
    try:
        await part
    except (Exception, asyncio.CancelledError) as error:
        if is_told_to_end(error):
            raise
        cause = error
    if cause is None and stop.is_set():
        return
    parts.ended.add(name)
    failures.add(1, {"service": service, "part": name})
    log.critical("part.ended", service=service, part=name, error=repr(cause) if cause else None, exc_info=cause)
    raise PartEnded(f"{name} of {service} ended by itself") from cause


def survives(what: str, service: str, error: BaseException) -> None:
    """Called by a loop that goes on after any error: tells of the error, or raises it when it is the order to end."""
    if is_told_to_end(error):
        raise error
    failures.add(1, {"service": service, "part": what})
    log.error("loop.failed", service=service, loop=what, exc_info=error)
