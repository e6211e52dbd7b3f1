"""One service on a real database: asked over HTTP, told events in a real transaction, its outbox and audit log read.

What a broker would do (deliver twice, late, in another order) a test does by calling `hear` as it likes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
from tests.support.tokens import TestKey, trust

from cec_chassis.bus.subscription import Handler, Received
from cec_chassis.clock import FixedClock
from cec_chassis.context import Actor
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_chassis.service import Runtime, Service
from cec_chassis.settings import ServiceSettings
from cec_contracts.envelope import EventType
from cec_contracts.vocabulary import AccountRole

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""2026-03-02 12:00 in Taipei: where the clock of a test stands unless the test moves it."""


class News(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the broker brings it; `id` stays the same when it is brought again."""

    event: Any
    subject: UUID | str
    sequence: int
    body: Any
    id: UUID = msgspec.field(default_factory=new_id)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox, its body decoded by the contract."""

    type: str
    subject: str
    sequence: int
    body: Any


@dataclass
class OneService:
    """The service, the clock it lives by, and a client that speaks for any actor."""

    service: Service
    runtime: Runtime
    clock: FixedClock
    key: TestKey
    client: httpx.AsyncClient
    _handlers: dict[str, Handler] = field(default_factory=dict)

    @classmethod
    async def start(
        cls, service: Service, database_url: str, at: datetime = NOON, settings: ServiceSettings | None = None
    ) -> OneService:
        """On a migrated database, by these settings if there are any; `close` it."""
        clock = FixedClock(at)
        settings = msgspec.structs.replace(settings or service.documentation_settings(), database_url=database_url)
        runtime = Runtime(service, settings, clock)
        key = TestKey()
        await trust(runtime.database("api"), key)
        transport = httpx.ASGITransport(app=service.create_app(runtime))  # type: ignore[arg-type]
        client = httpx.AsyncClient(transport=transport, base_url="http://service")
        handlers = {subscription.event.name: subscription.handler for subscription in service.subscriptions}
        return cls(service, runtime, clock, key, client, handlers)

    @property
    def database(self) -> Database:
        """The database of the API role."""
        return self.runtime.database("api")

    async def ask(
        self, actor: Actor | None, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """A request by `actor`, with a JSON body if one is given."""
        sent = dict(headers or {})
        if actor is not None:
            sent |= self.headers_of(actor)
        if body is not None:
            sent["Content-Type"] = "application/json"
        content = None if body is None else msgspec.json.encode(body)
        return await self.client.request(method, path, content=content, headers=sent)

    def headers_of(self, actor: Actor) -> dict[str, str]:
        """Of somebody who has just signed in, unless the test says when; machines never sign in."""
        if actor.authenticated_at is None and actor.role != AccountRole.OTHER_SYSTEM:
            actor = replace(actor, authenticated_at=self.clock.now())
        return self.key.headers(actor, now=self.clock.now())

    async def hear(self, *news: News) -> None:
        """One batch in one transaction, as the consumer takes it in; bodies cross as JSON."""
        groups: dict[Handler, list[Received[Any]]] = {}
        for item in news:
            event: EventType[Any] = item.event
            body = msgspec.json.decode(msgspec.json.encode(item.body), type=event.body)
            received = Received(item.id, event.name, str(item.subject), item.sequence, self.clock.now(), body)
            groups.setdefault(self._handlers[event.name], []).append(received)
        async with self.runtime.database("worker").transaction() as tx:
            for handler, events in groups.items():
                await handler(tx, events)

    async def told(self) -> list[Told]:
        """Everything in the outbox, in order."""
        bodies = {event.name: event.body for event in self.service.publishes}
        return [
            Told(
                type=row.type,
                subject=row.subject,
                sequence=row.sequence,
                body=msgspec.json.decode(row.data, type=bodies[row.type]),
            )
            for row in await self.rows("SELECT type, subject, sequence, data::text AS data FROM outbox ORDER BY seq")
        ]

    async def audited(self) -> list[str]:
        """The actions in the audit log, in order."""
        return [row.action for row in await self.rows("SELECT action FROM audit_log ORDER BY id")]

    async def rows(self, sql: str, **parameters: Any) -> list[Any]:
        """What a query finds."""
        async with self.database.reading() as tx:
            return await tx.all(sql, **parameters)

    async def close(self) -> None:
        """Lets go of client and connections."""
        await self.client.aclose()
        await self.runtime.close()
