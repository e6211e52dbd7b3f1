"""A database that tests use one after another is each time as good as new: nothing of a former test is left in any table,
what guards it is awake, and one that was changed in any other way is not lent again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.support.leases import Lease, Leases
from tests.support.stack import PostgresServer

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Connect = Callable[[str], Awaitable[Connection]]

SERVICES = ("identity", "activities", "review", "enrolment", "credits", "reporting")
TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
"""
NEEDED_COLUMNS = """
SELECT quote_ident(attname) AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = ''
"""
CHECKS = """
SELECT conrelid::regclass::text AS on, quote_ident(conname) AS name FROM pg_constraint
WHERE contype = 'c' AND conislocal AND connamespace = 'public'::regnamespace
"""
SAMPLES = {
    "bigint": "1",
    "boolean": "true",
    "bytea": "'x'",
    "character varying": "'x'",
    "date": "now()",
    "integer": "1",
    "jsonb": "'{}'",
    "numeric": "1",
    "smallint": "1",
    "text": "'x'",
    "timestamp with time zone": "now()",
    "uuid": "gen_random_uuid()",
}
CHANGES = {
    "a trigger asleep": "ALTER TABLE audit_log DISABLE TRIGGER audit_append_only",
    "a trigger gone": "DROP TRIGGER seals_append_only ON audit_seals",
    "a function that does something else": "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN RETURN NULL; END $$",
    "another table": "CREATE TABLE another (id integer)",
    "a table gone": "DROP TABLE inbox",
    "another column": "ALTER TABLE inbox ADD COLUMN another integer",
    "a column that needs no value": "ALTER TABLE inbox ALTER COLUMN event_id SET DEFAULT gen_random_uuid()",
    "a constraint gone": "ALTER TABLE parked_messages DROP CONSTRAINT parked_messages_state_check",
    "an index gone": "DROP INDEX inbox_by_age",
    "another partition": "SELECT ensure_outbox_partitions(60)",
    "a right more": "GRANT DELETE ON audit_log TO PUBLIC",
    "a setting": "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 1', current_database()); END $$",
}


@pytest.fixture
async def own(postgres_server: PostgresServer) -> AsyncIterator[Leases]:
    """Of this test alone."""
    leases = Leases(postgres_server)
    yield leases
    await leases.end()


@pytest.fixture
async def superuser(postgres_server: PostgresServer) -> AsyncIterator[Connect]:
    """A connection of somebody who may do anything with the database of an address."""
    made: list[Connection] = []

    async def connect(url: str) -> Connection:
        made.append(await asyncpg.connect(urlsplit(postgres_server.url)._replace(path=urlsplit(url).path).geturl()))
        return made[-1]

    yield connect
    for connection in made:
        connection.terminate()


@pytest.fixture(params=SERVICES)
async def used(request: pytest.FixtureRequest, postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The address of a new database of each service."""
    url = await postgres_server.make_database(request.param)
    yield url
    await postgres_server.drop_database(url)


async def contents(connection: Connection) -> dict[str, list[str]]:
    """All rows of all tables, and where the sequences stand."""
    tables = [row[0] for row in await connection.fetch(TABLES)]
    found = {table: await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables}
    found["sequences"] = await connection.fetch("SELECT s::text FROM pg_sequences s ORDER BY 1")
    return {table: [row[0] for row in rows] for table, rows in found.items()}


async def use(connection: Connection) -> None:
    """Leaves no table as it was: one more row in each; but of those that had some, these are gone."""
    for table in [row[0] for row in await connection.fetch(TABLES)]:
        await connection.execute("SET session_replication_role = replica")
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})"):
            await connection.execute(f"DELETE FROM {table}")
            continue
        columns = await connection.fetch(NEEDED_COLUMNS, table)
        names = ", ".join(column["name"] for column in columns)
        values = ", ".join(SAMPLES.get(column["type"], "'{}'") for column in columns)
        await connection.execute(
            f"INSERT INTO {table} " + (f"({names}) VALUES ({values})" if names else "DEFAULT VALUES")
        )
    await connection.execute("SELECT nextval(sequencename::regclass) FROM pg_sequences, generate_series(1, 9)")


async def test_nothing_of_a_former_test_is_left_in_any_table(
    used: str, postgres_server: PostgresServer, superuser: Connect
) -> None:
    visitor = await superuser(used)
    for check in await visitor.fetch(CHECKS):  # so that a row of anything can be put into each table
        await visitor.execute(f"ALTER TABLE {check['on']} DROP CONSTRAINT {check['name']}")
    lease = await Lease.of(postgres_server, used)
    new = await contents(visitor)
    await use(visitor)
    dirty = await contents(visitor)
    assert {table for table in new if new[table] == dirty[table]} == set()
    assert await lease.renew()
    assert visitor.is_closed()
    assert await contents(await superuser(used)) == new
    await lease.close()


async def test_what_only_grows_is_guarded_again(own: Leases, superuser: Connect) -> None:
    columns = "id, at, action, subject_type, subject_id, reason"
    written = f"INSERT INTO audit_log ({columns}) VALUES (gen_random_uuid(), now(), '', '', '', '')"
    url = await own.borrow("review")
    for _ in range(2):
        visitor = await superuser(url)
        assert await visitor.fetchval("SELECT count(*) FROM audit_log") == 0
        await visitor.execute(written)
        for change in ("DELETE FROM audit_log", "UPDATE audit_log SET reason = 'x'", "TRUNCATE audit_log"):
            with pytest.raises(asyncpg.RestrictViolationError, match="audit_log is append-only"):
                await visitor.execute(change)
        await own.give_back(url)
        assert await own.borrow("review") == url


@pytest.mark.parametrize("change", CHANGES)
async def test_a_database_that_was_changed_is_not_lent_again(own: Leases, superuser: Connect, change: str) -> None:
    url = await own.borrow("review")
    await (await superuser(url)).execute(CHANGES[change])
    await own.give_back(url)
    assert await own.borrow("review") != url
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await superuser(url)


async def test_rows_that_stay_are_noticed(postgres_server: PostgresServer, superuser: Connect, own: Leases) -> None:
    """The emptying is kept from its work, so that only the look afterwards can tell."""
    url = await postgres_server.make_database("review")
    visitor = await superuser(url)
    await visitor.execute("CREATE RULE stays AS ON DELETE TO inbox DO INSTEAD NOTHING")
    await visitor.execute("ALTER TABLE inbox ENABLE ALWAYS RULE stays")
    lease = await Lease.of(postgres_server, url)
    assert await lease.renew()
    await (await superuser(url)).execute("INSERT INTO inbox (consumer, event_id) VALUES ('x', gen_random_uuid())")
    assert not await lease.renew()
    await lease.close()
    await postgres_server.drop_database(url)


async def test_two_databases_that_are_lent_at_once_are_two(own: Leases) -> None:
    one, other = await own.borrow("review"), await own.borrow("review")
    assert one != other
    await own.give_back(one)
    await own.give_back(other)
    assert {await own.borrow("review"), await own.borrow("review")} == {one, other}
