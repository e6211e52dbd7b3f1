"""Health: alive, ready, and which version. Public, quick, and without a word that helps an attacker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec
import structlog
from litestar import Controller, Request, get
from litestar.datastructures import State
from yarl import URL

from cec_chassis.http.at_hand import at_hand
from cec_chassis.http.guards import public
from cec_chassis.parts import Parts
from cec_chassis.problems import FieldError, Refusal

log = structlog.get_logger(__name__)

CHECKS = "readiness checks"
"""Under which the checks are at hand."""
CHECK_SECONDS = 2.0
"""A dependency that takes longer to answer is missing."""

ReadinessCheck = Callable[[], Awaitable[None]]
"""Comes back when the dependency answers; raises anything when it does not."""


class Checks(NamedTuple):
    """What is missing of those needed makes the service not ready, of the dispensable ones degraded."""

    needed: Mapping[str, ReadinessCheck]
    dispensable: Mapping[str, ReadinessCheck]


class NotReady(Refusal):
    """A dependency does not answer; `errors` names which."""

    slug = "not-ready"
    status = 503
    title = "服務尚未就緒 / Not ready"


class Alive(msgspec.Struct, frozen=True):
    """The process runs and its event loop turns."""

    status: str = "alive"


class Ready(msgspec.Struct, frozen=True):
    """Every dependency answers; `dependencies` names them.

    `degraded` names those without which requests are served all the same, and something else waits: while the broker
    is away, news stays in the outbox; while the consumer has no connection, news of others waits in the queue.
    """

    status: Literal["ready", "degraded"]
    dependencies: tuple[str, ...]
    degraded: tuple[str, ...] = ()


class Version(msgspec.Struct, frozen=True):
    """What runs here; `revision` is the commit the image was built from, empty in a work tree."""

    service: str
    version: str
    revision: str


async def missing_dependencies(checks: Mapping[str, ReadinessCheck]) -> list[str]:
    """The names of the dependencies that do not answer in time; all are asked at once."""

    async def ask(name: str, check: ReadinessCheck) -> str | None:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await check()
        except Exception as error:  # noqa: BLE001 - whatever it raises, the dependency is missing
            log.warning("dependency_missing", dependency=name, error=type(error).__name__)
            return name
        return None

    asked = await asyncio.gather(*(ask(name, check) for name, check in checks.items()))
    return [name for name in asked if name is not None]


def broker_answers(amqp_url: str) -> ReadinessCheck:
    """A check that the broker takes connections; nothing is said to it."""
    url = URL(amqp_url)

    async def check() -> None:
        _, writer = await asyncio.open_connection(url.host, url.port or 5672)
        writer.close()

    return check


def health_controller(version: Version) -> type[Controller]:
    """The three health routes of one service."""

    class Health(Controller):
        path = "/health"
        tags = ("health",)

        @get("/live", **public)
        async def live(self) -> Alive:
            """Whether the process runs. Restart it when this does not answer."""
            return Alive()

        @get("/ready", **public)
        async def ready(self, request: Request[Any, Any, State]) -> Ready:
            """Whether requests can be served. Send none while this says 503; it names what is missing."""
            checks: Checks = at_hand(CHECKS)
            missing, degraded = await asyncio.gather(
                missing_dependencies(checks.needed), missing_dependencies(checks.dispensable)
            )
            # Only in a process that is more than an API: what of it has ended, or waits.
            parts: Parts = request.app.state.get("parts") or Parts()
            missing += sorted(parts.ended)
            degraded += parts.waiting() if not degraded else []  # without a broker they wait, of course
            if missing:
                raise NotReady(
                    f"沒有回應:{'、'.join(missing)} / Not answering: {', '.join(missing)}",
                    errors=[
                        FieldError(f"dependencies.{name}", "unavailable", "沒有回應 / Does not answer")
                        for name in missing
                    ],
                    headers={"Retry-After": "5"},
                )
            return Ready("degraded" if degraded else "ready", tuple(checks.needed), tuple(degraded))

        @get("/version", **public)
        async def version(self) -> Version:
            """Which version runs."""
            return version

    return Health
