"""Alembic for a service: its `migrations/env.py` calls `run_migrations`, its CLI calls `migrate`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from cec_chassis.failpoints import hit

MIGRATION_LOCK = 0x0CEC_0001


def config_for(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    return config


def heads(migrations: Path) -> list[str]:
    return list(ScriptDirectory.from_config(config_for(migrations)).get_heads())


async def migrate(database_url: str, migrations: Path) -> None:
    """Brings a database to the newest schema. Processes that start together wait for one another, and one does it.

    Raises whatever a statement raises; nothing of that migration stays then (PostgreSQL's DDL is transactional).
    """
    engine = create_async_engine(make_url(database_url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.commit()
            try:
                async with connection.begin():
                    await connection.execute(text("SET LOCAL lock_timeout = '5s'"))
                    await connection.run_sync(_upgrade, migrations)
                    await hit("migration.before_commit")
            finally:
                await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
                await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, migrations: Path) -> None:
    config = config_for(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_migrations(metadata: MetaData) -> None:
    """The whole of a service's `env.py`. Only the service itself migrates, through `migrate`; there is no offline mode."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
    context.run_migrations()


def migrate_now(database_url: str, migrations: Path) -> None:
    asyncio.run(migrate(database_url, migrations))
