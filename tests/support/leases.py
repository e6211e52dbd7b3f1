"""Databases that tests of one worker use one after another: each gets it as if it had just been made.

Making a database takes longer than most tests. So one that comes back is emptied, filled with what its migrations had
left in it, and looked at: only one that is in every respect as it was when it was new is lent again, any other is dropped.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg
from tests.support.stack import PostgresServer

_OURS = "nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND nspname !~ '^pg_(toast_)?temp_'"

_SCHEMA = f"""
WITH ours AS MATERIALIZED (SELECT oid FROM pg_namespace WHERE {_OURS}),
tables AS MATERIALIZED (SELECT c.* FROM pg_class c JOIN ours ON ours.oid = c.relnamespace),
facts (fact) AS (
    SELECT ROW (oid, nspname, nspowner, nspacl)::text FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)
    UNION ALL
    SELECT ROW (oid, relname, relkind, relowner, relacl, reloptions, relpersistence, relispartition, relpartbound::text,
                relrowsecurity, relforcerowsecurity)::text FROM tables
    UNION ALL
    SELECT ROW (attrelid, attnum, attname, atttypid, atttypmod, attnotnull, atthasdef, attisdropped, attacl)::text
    FROM pg_attribute WHERE attrelid IN (SELECT oid FROM tables) AND attnum > 0
    UNION ALL
    SELECT ROW (oid, adbin::text)::text FROM pg_attrdef WHERE adrelid IN (SELECT oid FROM tables)
    UNION ALL
    SELECT ROW (oid, tgname, tgenabled, tgfoid)::text FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM tables)
    UNION ALL
    SELECT ROW (oid, conname, convalidated)::text FROM pg_constraint WHERE conrelid IN (SELECT oid FROM tables)
    UNION ALL
    SELECT ROW (oid, proname, prosrc, proacl)::text FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT ROW (oid, rulename, ev_enabled)::text FROM pg_rewrite WHERE ev_class IN (SELECT oid FROM tables)
    UNION ALL
    SELECT ROW (oid, polname)::text FROM pg_policy WHERE polrelid IN (SELECT oid FROM tables)
    UNION ALL
    SELECT ROW (oid, evtname, evtenabled)::text FROM pg_event_trigger
    UNION ALL
    SELECT ROW (setrole, setconfig)::text FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT md5(string_agg(fact, '|' ORDER BY fact)) AS schema FROM facts
"""
"""What tables, columns, triggers, functions and rights there are, in one word."""

_TABLES = f"""
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
"""
_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
_SEQUENCES = f"""
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND relkind = 'S' ORDER BY 1
"""
_CUT_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


class Lease:
    """One database, and a superuser's connection that stays in it and remembers how it was when it was new."""

    def __init__(self, url: str, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Use `Lease.of`."""
        self.url = url
        self._connection = connection
        self._look = ""
        self._new: asyncpg.Record | None = None
        self._emptying = ""

    @classmethod
    async def of(cls, server: PostgresServer, url: str) -> Lease:
        """The lease of a database that is new."""
        connection = await asyncpg.connect(urlsplit(server.url)._replace(path=urlsplit(url).path).geturl())
        lease = cls(url, connection)
        await lease._remember()
        return lease

    async def _remember(self) -> None:
        tables = [row[0] for row in await self._connection.fetch(_TABLES)]
        sequences = [row[0] for row in await self._connection.fetch(_SEQUENCES)]
        counts = [f"(SELECT count(*) FROM {table}) AS {_quoted(table)}" for table in tables]
        numbers = [f"(SELECT (last_value, is_called)::text FROM {name}) AS {_quoted(name)}" for name in sequences]
        self._look = f"SELECT {', '.join([f'({_SCHEMA}) AS schema', *counts, *numbers])}"
        self._new = await self._connection.fetchrow(self._look)
        steps = [
            "SET LOCAL session_replication_role = replica"
        ]  # append-only triggers and foreign keys sleep meanwhile
        for table in tables:
            steps.append(f"DELETE FROM {table}")
            if await self._connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})"):
                columns, kept = await self._connection.fetchval(_COLUMNS, table), _quoted(f"kept {table}")
                await self._connection.execute(f"CREATE TEMPORARY TABLE {kept} AS SELECT {columns} FROM {table}")
                steps.append(f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {kept}")
        for name in sequences:
            last, called = await self._connection.fetchrow(f"SELECT last_value, is_called FROM {name}") or (1, False)
            steps.append(f"SELECT setval('{name}', {last}, {called})")
        self._emptying = f"BEGIN; {'; '.join(steps)}; COMMIT"

    async def renew(self) -> bool:
        """Whether the database is again as it was when it was new. Cuts whoever is still connected."""
        try:
            await self._connection.execute(_CUT_OTHERS)
            await self._connection.execute(self._emptying)
            return await self._connection.fetchrow(self._look) == self._new
        except asyncpg.PostgresError:  # a table is gone, or somebody holds it: not to be lent again
            return False

    async def close(self) -> None:
        await self._connection.close()


class Leases:
    """The databases of this worker: those that wait for the next test, and those that are lent."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._free: dict[str, list[Lease]] = {}
        self._lent: dict[str, tuple[str, Lease]] = {}

    async def borrow(self, service: str) -> str:
        """The address of a database with the tables of `service`, nobody else's until it is given back."""
        free = self._free.setdefault(service, [])
        lease = free.pop() if free else await Lease.of(self._server, await self._server.make_database(service))
        self._lent[lease.url] = service, lease
        return lease.url

    async def give_back(self, url: str) -> None:
        service, lease = self._lent.pop(url)
        if await lease.renew():
            self._free[service].append(lease)
        else:
            await self._drop(lease)

    async def end(self) -> None:
        """Drops them all."""
        for lease in [lease for leases in self._free.values() for lease in leases]:
            await self._drop(lease)
        self._free.clear()

    async def _drop(self, lease: Lease) -> None:
        await lease.close()
        await self._server.drop_database(lease.url)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', "") + '"'
