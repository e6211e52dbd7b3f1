"""Health: alive, ready, and which version. Public, quick, and without a word that helps an attacker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
from litestar import Controller, get

from cec_chassis.http.guards import public
from cec_chassis.problems import FieldError, Refusal

log = structlog.get_logger(__name__)

CHECK_SECONDS = 2.0
"""A dependency that takes longer to answer is missing."""

ReadinessCheck = Callable[[], Awaitable[None]]
"""Comes back when the dependency answers; raises anything when it does not."""


class NotReady(Refusal):
    """A dependency does not answer; `errors` names which."""

    slug = "not-ready"
    status = 503
    title = "服務尚未就緒 / Not ready"


class Alive(msgspec.Struct, frozen=True):
    """The process runs and its event loop turns."""

    status: str = "alive"


class Ready(msgspec.Struct, frozen=True):
    """Every dependency answers; `dependencies` names them."""

    status: str
    dependencies: tuple[str, ...]


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


def health_controller(version: Version, checks: Mapping[str, ReadinessCheck]) -> type[Controller]:
    """The three health routes of one service."""

    class Health(Controller):
        path = "/health"
        tags = ("health",)

        @get("/live", **public)
        async def live(self) -> Alive:
            """Whether the process runs. Restart it when this does not answer."""
            return Alive()

        @get("/ready", **public)
        async def ready(self) -> Ready:
            """Whether requests can be served. Send none while this says 503; it names what is missing."""
            missing = await missing_dependencies(checks)
            if missing:
                raise NotReady(
                    f"沒有回應:{'、'.join(missing)} / Not answering: {', '.join(missing)}",
                    errors=[
                        FieldError(f"dependencies.{name}", "unavailable", "沒有回應 / Does not answer")
                        for name in missing
                    ],
                    headers={"Retry-After": "5"},
                )
            return Ready("ready", tuple(checks))

        @get("/version", **public)
        async def version(self) -> Version:
            """Which version runs."""
            return version

    return Health
