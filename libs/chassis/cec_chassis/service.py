"""What a service is made of, and the processes it can be: serve (API), work (consumers and loops), relay, or all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import fields
from sqlalchemy import MetaData
from yarl import URL

from cec_chassis.bus.session import BusWorker
from cec_chassis.bus.subscription import Subscription
from cec_chassis.clock import Clock, SystemClock
from cec_chassis.database.engine import Database
from cec_chassis.outbox.claims import Claims
from cec_chassis.outbox.pace import Pace
from cec_chassis.outbox.relay import Relay
from cec_chassis.parts import Parts
from cec_chassis.settings import ServiceSettings, read_settings

if TYPE_CHECKING:
    import asyncio

    from litestar import Litestar

    from cec_contracts.audit import AuditHead
    from cec_contracts.envelope import EventType


@dataclass
class Runtime:
    """What a running process has in hand. Each role opens its own pool, so a burst of one cannot starve another."""

    service: Service
    settings: ServiceSettings
    clock: Clock = field(default_factory=SystemClock)
    parts: Parts = field(default_factory=Parts)
    _databases: dict[str, Database] = field(default_factory=dict)

    def database(self, role: str = "api", pool_size: int | None = None) -> Database:
        if role not in self._databases:
            self._databases[role] = Database(
                self.settings.database_url,
                self.clock,
                pool_size=pool_size or self.settings.pool_size,
                application=f"{self.service.name}-{role}",
                ping=role == "api",
            )
        return self._databases[role]

    @cached_property
    def bus_worker(self) -> BusWorker:
        """The consuming side of this process; one, so that gauges and readiness see the same."""
        return BusWorker(
            service=self.service.name,
            subscriptions=self.service.subscriptions,
            database=self.database("worker"),
            amqp_url=self.settings.amqp_url,
            delays=self.settings.retry_delays,
            batch=self.settings.consumer_batch,
        )

    def relay(self) -> Relay:
        return Relay(
            service=self.service.name,
            dsn=self.database("relay", 1).dsn,
            amqp_url=self.settings.amqp_url,
            amqp_public_url=self.settings.amqp_public_url or public_url_of(self.settings.amqp_url),
            publishers=sorted({event.publisher for event in self.service.publishes}),
            keep_months=self.settings.outbox_months,
            claims=Claims(Pace(self.settings.bulk_per_second)),
        )

    async def close(self) -> None:
        for database in self._databases.values():
            await database.close()


def public_url_of(amqp_url: str) -> str:
    """The virtual host for other systems is named after the internal one, unless the settings say otherwise."""
    url = URL(amqp_url)
    return str(url.with_path(f"{url.path.rstrip('/') or '/cec'}-public"))


Loop = Callable[[Runtime, "asyncio.Event"], Awaitable[None]]
"""Background work of the worker process; runs until the event is set and survives its own failures."""


@dataclass(frozen=True, slots=True)
class Service:
    """The list of what one service is. Its `__main__` hands it to `service_cli`."""

    name: str
    migrations: Path
    metadata: MetaData
    create_app: Callable[[Runtime], Litestar]
    subscriptions: tuple[Subscription, ...] = ()
    publishes: tuple[EventType[Any], ...] = ()
    loops: tuple[Loop, ...] = ()
    prepare: tuple[Callable[[Runtime], Awaitable[None]], ...] = ()
    """Run after migrating, before serving: idempotent set-up such as the first signing key or loading rule sets."""
    settings: type[ServiceSettings] = ServiceSettings
    audit_head: EventType[AuditHead] | None = None
    """By which the newest hash of the audit log is told outside the database; one of those it publishes."""

    def load_settings(self) -> ServiceSettings:
        """From the environment. Raises SettingsError naming the missing variable."""
        return read_settings(self.name, self.settings)

    def documentation_settings(self) -> ServiceSettings:
        """Settings without an environment, enough to build the app for its OpenAPI document; nothing is contacted."""
        needed: dict[str, Any] = {f.name: "documentation" for f in fields(self.settings) if f.required}
        needed |= {"service": self.name, "database_url": "postgresql://localhost/none", "amqp_url": "amqp://localhost/"}
        return self.settings(**needed)
