"""One database and one role per service, in a server that may also hold other things."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import quote, urlsplit

import asyncpg

from cec_local.errors import LocalStackError
from cec_local.secret_files import SecretFiles

Result = TypeVar("Result")


def provision(server_url: str, services: Iterable[str], secrets: SecretFiles) -> dict[str, str]:
    """Make sure that database and role `cec_<service>` exist for each service; returns the addresses by service.

    Each role owns its database and may not even connect to another one. Passwords are the secrets
    `database-<service>`. Raises `LocalStackError` when the server does not let us in.
    """
    return run_async(_provision(server_url, list(services), secrets))


async def connected(server_url: str) -> asyncpg.Connection[asyncpg.Record]:
    """Raises LocalStackError: that is no address, nobody answers there, or what answers refuses us."""
    try:
        return await asyncpg.connect(server_url, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        where = urlsplit(server_url).netloc.rpartition("@")[2] or "an address without a host"
        raise LocalStackError(f"PostgreSQL at {where} refuses us: {str(error) or type(error).__name__}") from error


def run_async(work: Coroutine[object, object, Result]) -> Result:
    """The result of `work`, whether or not an event loop already runs in this thread."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _provision(server_url: str, services: list[str], secrets: SecretFiles) -> dict[str, str]:
    connection = await connected(server_url)
    try:
        await connection.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
        return {service: await _one(connection, server_url, service, secrets) for service in services}
    finally:
        await connection.close()


async def _one(
    connection: asyncpg.Connection[asyncpg.Record], server_url: str, service: str, secrets: SecretFiles
) -> str:
    name = f"cec_{service}"
    password = secrets.read(f"database-{service}")
    literal = "'" + password.replace("'", "''") + "'"
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name)
    await connection.execute(f'{"ALTER" if known else "CREATE"} ROLE "{name}" LOGIN PASSWORD {literal}')
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
    await connection.execute(f'REVOKE CONNECT, TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
    place = urlsplit(server_url)
    netloc = f"{name}:{quote(password)}@{place.hostname}:{place.port or 5432}"
    return place._replace(netloc=netloc, path=f"/{name}").geturl()
