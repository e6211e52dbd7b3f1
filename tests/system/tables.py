"""How many rows every table of every service has: to show that a request has written nothing, nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
from tests.support.eventually import eventually
from tests.system.routes import service_of

from cec_local.stack import Stack

TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'outbox\\_%'
    -- these follow the audit log in their own time
    AND tablename NOT IN ('audit_seals', 'audit_unsealed')
ORDER BY 1
"""
Counts = dict[str, int]


@dataclass
class Tables:
    """A connection to the database of each service."""

    connections: dict[str, asyncpg.Connection[asyncpg.Record]]
    _queries: dict[str, str] = field(default_factory=dict)

    async def counts(self) -> Counts:
        """Rows by `service.table`."""
        found: Counts = {}
        for service, connection in self.connections.items():
            row = await connection.fetchrow(await self._query(service))
            assert row is not None
            found |= {f"{service}.{table}": count for table, count in row.items()}
        return found

    @asynccontextmanager
    async def unchanged(self, *but: str) -> AsyncIterator[None]:
        """What happens inside the block leaves every table of every service with the rows it had, `but` these."""
        before = await self.counts_at_rest()
        yield
        after = await self.counts()
        changed = {table: count - before[table] for table, count in after.items() if count != before[table]}
        assert changed.keys() <= set(but), changed

    async def counts_at_rest(self) -> Counts:
        """The counts, once every event has been sent, taken in by all who listen to it, and worked in."""
        seen: list[Counts] = [{}]

        async def at_rest() -> bool:
            seen.append(await self.counts())
            return seen[-1] == seen[-2] and not await self._work_left()

        await eventually(at_rest, within=30, every=0.05, what="nothing is under way any more")
        return seen[-1]

    async def _work_left(self) -> bool:
        if await self.connections["credits"].fetchval("SELECT count(*) FROM dirty_standings"):
            return True
        told: dict[str, set[UUID]] = defaultdict(set)
        for connection in self.connections.values():
            for row in await connection.fetch("SELECT id, type FROM outbox"):
                told[row["type"]].add(row["id"])
        for service, connection in self.connections.items():
            heard = {row["event_id"] for row in await connection.fetch("SELECT event_id FROM inbox")}
            if any(told[subscription.event.name] - heard for subscription in service_of(service).subscriptions):
                return True
        return False

    async def names(self, service: str) -> list[str]:
        """Every table of a service; the outbox as one, not its months."""
        return [row["tablename"] for row in await self.connections[service].fetch(TABLES)]

    async def _query(self, service: str) -> str:
        if service not in self._queries:
            columns = ", ".join(f"(SELECT count(*) FROM {name}) AS {name}" for name in await self.names(service))
            self._queries[service] = f"SELECT {columns}"
        return self._queries[service]


@asynccontextmanager
async def tables_of(stack: Stack) -> AsyncIterator[Tables]:
    """Open for as long as the block lasts."""
    tables = Tables({name: await asyncpg.connect(url) for name, url in stack.database_urls.items()})
    try:
        yield tables
    finally:
        for connection in tables.connections.values():
            await connection.close()
