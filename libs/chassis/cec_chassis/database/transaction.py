"""One transaction: state, outbox rows and audit rows together, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import CursorResult, Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cec_chassis.context import CommandContext
from cec_chassis.database.audit import INSERT_AUDIT, AuditEntry, audit_columns
from cec_chassis.outbox.append import BULK, INSERT_OUTBOX, OutboxRow, outbox_columns

if TYPE_CHECKING:
    from cec_contracts.envelope import EventType

Body = TypeVar("Body", bound=msgspec.Struct)


@lru_cache(maxsize=2048)
def prepared(sql: str) -> TextClause:
    """SQL texts are constants of the code; each is parsed for its bind names once."""
    return text(sql)


class Transaction:
    """The hand of a command or handler into the database.

    It cannot commit: the edge that opened it does, after `flush` has written what was published and audited.
    `now` is read from the injected clock once, so all that happens in one transaction happened at one time.
    """

    def __init__(self, connection: AsyncConnection, now: datetime, context: CommandContext) -> None:
        self.connection = connection
        self.now = now
        self.context = context
        self._outbox: list[OutboxRow] = []
        self._told = 0
        self._audit: list[AuditEntry] = []
        self.committed: list[Callable[[], None]] = []

    @property
    def actor(self) -> Any:
        return self.context.actor

    async def execute(self, sql: str, /, **parameters: Any) -> CursorResult[Any]:
        return await self.connection.execute(prepared(sql), parameters)

    async def execute_many(self, sql: str, rows: list[dict[str, Any]], /) -> None:
        """One statement for many rows (executemany); for large sets prefer unnest in one statement."""
        if rows:
            await self.connection.execute(prepared(sql), rows)

    async def all(self, sql: str, /, **parameters: Any) -> list[Row[Any]]:
        return list((await self.execute(sql, **parameters)).all())

    async def one(self, sql: str, /, **parameters: Any) -> Row[Any]:
        return (await self.execute(sql, **parameters)).one()

    async def one_or_none(self, sql: str, /, **parameters: Any) -> Row[Any] | None:
        return (await self.execute(sql, **parameters)).one_or_none()

    async def scalar(self, sql: str, /, **parameters: Any) -> Any:
        return (await self.execute(sql, **parameters)).scalar()

    def publish(
        self,
        event: EventType[Body],
        *,
        subject: UUID | str,
        sequence: int,
        body: Body,
        causation_id: UUID | None = None,
        traceparent: str | None = None,
    ) -> None:
        """Says that something happened; the row is written at commit and sent by the relay after it.

        `sequence` is the version of the aggregate after the change. Advance the aggregate in the database first:
        its row lock is what makes the sequence of two concurrent commands differ.
        """
        self._outbox.append(
            OutboxRow.of(event.name, str(subject), sequence, body, self.now, self.context, causation_id, traceparent)
        )

    def audit(
        self,
        action: str,
        *,
        subject_type: str,
        subject_id: UUID | str,
        reason: str = "",
        before: Mapping[str, Any] | msgspec.Struct | None = None,
        after: Mapping[str, Any] | msgspec.Struct | None = None,
    ) -> None:
        """Records who did what to what and why, in the same transaction."""
        self._audit.append(
            AuditEntry.of(action, subject_type, str(subject_id), reason, before, after, self.now, self.context)
        )

    def look(
        self,
        action: str,
        *,
        subject_type: str,
        subject_id: UUID | str,
        purpose: str = "",
        what: Mapping[str, Any] | msgspec.Struct | None = None,
    ) -> None:
        """Records that somebody's data was read, what for and what of it: the person may ask who looked."""
        entry = AuditEntry.of(
            action, subject_type, str(subject_id), purpose, None, what, self.now, self.context, look=True
        )
        self._audit.append(entry)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Called once the transaction is committed, and not if it is not: a nudge for somebody who would poll anyway."""
        self.committed.append(callback)

    async def flush(self) -> bool:
        """Writes the collected rows, one statement for each table. True when there is news for the relay."""
        if self._audit:
            await self.execute(INSERT_AUDIT, **audit_columns(self._audit))
            self._audit.clear()
        if not self._outbox:
            return False
        self._told += len(self._outbox)
        await self.execute(INSERT_OUTBOX, **outbox_columns(self._outbox), bulk=self._told > BULK)
        self._outbox.clear()
        return True
