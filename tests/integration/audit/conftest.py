"""A service's database, written to as the service does, and a superuser who tampers with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest
from tests.conftest import MakeDatabase
from tests.support.stack import PostgresServer

from cec_chassis.audit.seal import seal_some
from cec_chassis.audit.verify import ToldHead, Verdict, verify
from cec_chassis.clock import FixedClock
from cec_chassis.context import Actor, CommandContext
from cec_chassis.database import Database
from cec_chassis.ids import new_id

SERVICE = "review"
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@dataclass
class AuditLog:
    """`write` as commands do, `tamper` as somebody who may do anything with the database."""

    database: Database
    superuser: asyncpg.Connection[asyncpg.Record]

    async def write(self, *words: str) -> None:
        """A row for each word, each in a transaction of its own."""
        for word in words:
            async with self.database.transaction(
                CommandContext(Actor(new_id(), "review_unit", "某甲", new_id()))
            ) as tx:
                tx.audit(
                    "word.said", subject_type="word", subject_id=word, reason="因為", after={"word": word, "n": [1.5]}
                )

    async def seal(self, batch: int = 1_000) -> int:
        """Everything that can be seen."""
        total = 0
        while sealed := await seal_some(self.database, batch):
            total += sealed
        return total

    async def tamper(self, sql: str, *parameters: Any) -> str:
        """With every trigger asleep."""
        await self.superuser.execute("SET session_replication_role = replica")
        try:
            return await self.superuser.execute(sql, *parameters)
        finally:
            await self.superuser.execute("SET session_replication_role = origin")

    async def id_at(self, position: int) -> UUID:
        """The row that is sealed at a position."""
        found: UUID = await self.superuser.fetchval("SELECT entry_id FROM audit_seals WHERE position = $1", position)
        return found

    async def hash_at(self, position: int) -> ToldHead:
        """The head as it was when the chain ended there."""
        told: bytes = await self.superuser.fetchval("SELECT hash FROM audit_seals WHERE position = $1", position)
        return ToldHead(SERVICE, position, told.hex())

    async def verdict(self, *heads: ToldHead, start: int = 1) -> Verdict:
        return await verify(self.database, SERVICE, heads, start)


@pytest.fixture
async def log(make_database: MakeDatabase, postgres_server: PostgresServer) -> AsyncIterator[AuditLog]:
    """The audit log of a migrated review service."""
    url = await make_database(SERVICE)
    database = Database(url, FixedClock(NOW))
    superuser = await asyncpg.connect(urlsplit(postgres_server.url)._replace(path=urlsplit(url).path).geturl())
    yield AuditLog(database, superuser)
    await superuser.close()
    await database.close()
