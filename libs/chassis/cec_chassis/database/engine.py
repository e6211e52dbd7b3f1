"""The engine of one process role, and the only place where a transaction is opened and committed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cec_chassis.clock import Clock
from cec_chassis.context import CommandContext
from cec_chassis.database.transaction import Transaction
from cec_chassis.failpoints import hit
from cec_chassis.outbox.signal import OutboxSignal

SERVER_SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "30000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "15000",
}
COMMAND_TIMEOUT_SECONDS = 35.0
"""The server ends a statement after 30 s; five more, and it is the server, or the way to it, that is gone without a
word. Without this limit such a connection would hang until the operating system gives it up, a quarter of an hour."""


class Database:
    """A pool of its own for each role of a process, so a burst of one cannot starve another.

    Nobody below `transaction()` commits: leaving its block without an error does.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        pool_size: int = 5,
        application: str = "cec",
        ping: bool = True,
        command_timeout: float = COMMAND_TIMEOUT_SECONDS,
    ) -> None:
        """`ping` asks a pooled connection for a sign of life before use: right where a person would see the error,
        a wasted round trip where the work is tried again anyway."""
        self.clock = clock
        self.dsn = plain_dsn(url)
        self.pool_size = pool_size
        self._application = application
        self._reader: asyncpg.Pool[asyncpg.Record] | None = None
        self.engine: AsyncEngine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=ping,
            hide_parameters=True,  # an error text must not carry names or numbers of people into logs
            connect_args={
                "timeout": 5,
                "command_timeout": command_timeout,
                "server_settings": SERVER_SETTINGS | {"application_name": application},
            },
        )
        self.signal = OutboxSignal(self.dsn)

    @asynccontextmanager
    async def transaction(self, context: CommandContext | None = None) -> AsyncIterator[Transaction]:
        """State, outbox and audit rows commit together, or nothing does."""
        async with self.engine.connect() as connection:
            async with connection.begin():
                tx = Transaction(connection, self.clock.now(), context or CommandContext())
                yield tx
                news = await tx.flush()
                await hit("command.before_commit")
            if news:
                self.signal.wake()
            for callback in tx.committed:
                callback()

    @asynccontextmanager
    async def housekeeping(self) -> AsyncIterator[Transaction]:
        """A transaction of the mechanics' own: nobody's command, so nothing is published or audited in it."""
        async with self.engine.connect() as connection, connection.begin():
            yield Transaction(connection, self.clock.now(), CommandContext())

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A transaction that only reads; a write inside it is refused by PostgreSQL."""
        async with self.engine.connect() as connection, connection.begin():
            tx = Transaction(connection, self.clock.now(), CommandContext())
            await tx.execute("SET TRANSACTION READ ONLY")
            yield tx

    async def reader(self) -> asyncpg.Pool[asyncpg.Record]:
        """A bare asyncpg pool for the few hot one-row reads, where the engine's overhead is most of the cost."""
        if self._reader is None:
            self._reader = await asyncpg.create_pool(
                self.dsn,
                min_size=1,
                max_size=self.pool_size,
                timeout=5,
                command_timeout=10,
                server_settings=SERVER_SETTINGS | {"application_name": f"{self._application}-reader"},
            )
        return self._reader

    async def ping(self) -> None:
        """Raises whatever the driver raises when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def close(self) -> None:
        await self.signal.close()
        if self._reader is not None:
            await self._reader.close()
        await self.engine.dispose()


def plain_dsn(url: str) -> str:
    """The same address for asyncpg itself, which knows no `+asyncpg` driver suffix."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
