"""Real servers for tests: one PostgreSQL and one RabbitMQ for all workers of a run, fresh databases and vhosts in them.

`CEC_POSTGRES_URL` and `CEC_AMQP_URL` name servers that exist already; otherwise private ones are started when the
first test needs them and are gone after the last. To keep them between runs while working on one test, set
`CEC_TEST_LINGER` to a number of seconds.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import quote, urlsplit

import asyncpg

from cec_local.paths import checkout_root, local_directory
from cec_local.rabbitmq_admin import RabbitAdmin
from cec_local.shared_server import KINDS, acquire, release

_SESSION = "CEC_TEST_SESSION"


def begin_session() -> None:
    """Called in the process that leads the test run: its workers, which inherit the environment, hold in its name."""
    os.environ[_SESSION] = str(os.getpid())


def end_session() -> None:
    """Called when the run is over: lets go of the servers and waits until they are gone, unless another run uses them."""
    if os.environ.get(_SESSION) == str(os.getpid()):
        for kind in KINDS:
            release(_directory(kind), os.getpid())


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL in which we may make databases and roles."""

    url: str
    """Of a superuser, database `postgres`."""

    @classmethod
    def obtain(cls) -> PostgresServer:
        """The server named by `CEC_POSTGRES_URL`, or the shared private one."""
        given = os.environ.get("CEC_POSTGRES_URL")
        return cls(given or acquire("postgres", _directory("postgres"), _session())["url"])

    async def make_database(self, service: str | None = None) -> str:
        """The address of a fresh database: empty, or with the tables of `service`, owned by its role `cec_<service>`.

        The first call for a service runs its migrations into a template; the others copy that (some 30 ms).
        """
        connection = await asyncpg.connect(self.url)
        try:
            name = f"test_{service or 'empty'}_{secrets.token_hex(6)}"
            if service is None:
                await connection.execute(f'CREATE DATABASE "{name}"')
                return self._address(name)
            owner = await self._make_role(connection, service)
            template = await self._make_template(connection, service, owner)
            await connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE "{template}"')
            return self._address(name, owner)
        finally:
            await connection.close()

    async def drop_database(self, url: str) -> None:
        """Remove a database of `make_database`, cutting whoever is still connected."""
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{_database_of(url)}" WITH (FORCE)')
        finally:
            await connection.close()

    async def _make_role(self, connection: asyncpg.Connection[asyncpg.Record], service: str) -> str:
        role = f"cec_{service}"
        async with connection.transaction():
            await _lock(connection, role)
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{self._role_password}'")
        return role

    async def _make_template(self, connection: asyncpg.Connection[asyncpg.Record], service: str, owner: str) -> str:
        migrate = import_module("cec_chassis.database.migrations").migrate
        migrations = checkout_root() / "services" / service / "migrations"
        template = f"template_{service}_{_fingerprint(migrations)}"
        await connection.execute("SELECT pg_advisory_lock(hashtext($1))", template)
        try:
            finished = "SELECT datistemplate FROM pg_database WHERE datname = $1"
            if not await connection.fetchval(finished, template):
                await connection.execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
                await connection.execute(f'CREATE DATABASE "{template}" OWNER "{owner}"')
                await migrate(self._address(template, owner), migrations)
                await connection.execute(f'ALTER DATABASE "{template}" WITH IS_TEMPLATE true')
        finally:
            await connection.execute("SELECT pg_advisory_unlock(hashtext($1))", template)
        return template

    @property
    def _role_password(self) -> str:
        return hashlib.sha256(self.url.encode()).hexdigest()

    def _address(self, database: str, role: str | None = None) -> str:
        parts = urlsplit(self.url)
        if role is None:
            return parts._replace(path=f"/{database}").geturl()
        place = f"{parts.hostname}:{parts.port or 5432}"
        return parts._replace(netloc=f"{role}:{self._role_password}@{place}", path=f"/{database}").geturl()


@dataclass(frozen=True)
class Vhosts:
    """A fresh pair of virtual hosts: what the services say among themselves, and what they say to other systems."""

    internal: str
    """Address of the internal one: `amqp://…/<name>`."""
    public: str
    """Address of the public one: `amqp://…/<name>-public`."""

    @property
    def name(self) -> str:
        """The internal one's name, as `RabbitAdmin` takes it."""
        return urlsplit(self.internal).path.removeprefix("/")


@dataclass(frozen=True)
class RabbitServer:
    """A RabbitMQ in which we may make virtual hosts and accounts."""

    amqp_url: str
    """Of the services' account; its virtual host exists."""
    admin: RabbitAdmin

    @classmethod
    def obtain(cls) -> RabbitServer:
        """The broker named by `CEC_AMQP_URL`, or the shared private one.

        A broker of one's own needs the management plugin: `CEC_RABBITMQ_MANAGEMENT_URL`, by default port 15672 of
        the same host with the same account, which must be an administrator's.
        """
        given = os.environ.get("CEC_AMQP_URL")
        if not given:
            addresses = acquire("rabbitmq", _directory("rabbitmq"), _session())
            return cls(addresses["amqp_url"], RabbitAdmin(addresses["management_url"]))
        account, _, host = urlsplit(given).netloc.rpartition("@")
        management = f"http://{account or 'guest:guest'}@{host.partition(':')[0]}:15672"
        return cls(given, RabbitAdmin(os.environ.get("CEC_RABBITMQ_MANAGEMENT_URL", management)))

    def make_vhosts(self) -> Vhosts:
        """A fresh pair of virtual hosts (some 40 ms)."""
        name = f"test-{secrets.token_hex(6)}"
        user = urlsplit(self.amqp_url).username or "guest"
        for vhost in (name, f"{name}-public"):
            self.admin.create_vhost(vhost)
            self.admin.set_permissions(user, vhost)
        return Vhosts(self._address(name), self._address(f"{name}-public"))

    def drop_vhosts(self, vhosts: Vhosts) -> None:
        """Remove a pair with all that is in it."""
        for vhost in (vhosts.name, f"{vhosts.name}-public"):
            self.admin.delete_vhost(vhost)

    def _address(self, vhost: str) -> str:
        return urlsplit(self.amqp_url)._replace(path=f"/{quote(vhost, safe='')}").geturl()


def _directory(kind: str) -> Path:
    return local_directory() / "test" / kind


def _session() -> int:
    return int(os.environ.get(_SESSION, os.getpid()))


def _database_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


async def _lock(connection: asyncpg.Connection[asyncpg.Record], name: str) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", name)


def _fingerprint(migrations: Path) -> str:
    """Changes when a migration changes, or the chassis tables that migrations include."""
    chassis = checkout_root() / "libs" / "chassis" / "cec_chassis" / "database"
    digest = hashlib.sha256()
    for path in sorted([*migrations.rglob("*.py"), *chassis.glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
