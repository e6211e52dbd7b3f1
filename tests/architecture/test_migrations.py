"""One migration head for each service, and tables in the code that are those in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from deploy.documents.services import ROOT, service_names
from sqlalchemy import CheckConstraint, Connection, MetaData, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from tests.conftest import MakeDatabase

from cec_chassis.database.migrations import heads
from cec_chassis.database.schema import CHASSIS_TABLES
from cec_chassis.service import Service

NAMES = service_names()
IGNORED = CHASSIS_TABLES | {"alembic_version"}


@pytest.mark.parametrize("name", NAMES)
def test_a_service_has_one_migration_head(services: Mapping[str, Service], name: str) -> None:
    assert services[name].migrations == ROOT / "services" / name / "migrations"
    assert len(heads(services[name].migrations)) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_the_tables_in_the_code_are_those_in_the_database(
    services: Mapping[str, Service], make_database: MakeDatabase, name: str
) -> None:
    assert await differences(await make_database(name), services[name].metadata) == []


async def test_a_table_that_differs_is_seen(services: Mapping[str, Service], make_database: MakeDatabase) -> None:
    """The same comparison on models that were changed without a migration."""
    changed = MetaData()
    for table in services["credits"].metadata.tables.values():
        table.to_metadata(changed)
    standings, ledger = changed.tables["standings"], changed.tables["ledger_entries"]
    standings.c.version.nullable = True
    standings.indexes.clear()
    ledger.append_constraint(CheckConstraint("minutes > 0", name="ledger_minutes"))
    changed.remove(changed.tables["rule_sets"])
    found = await differences(await make_database("credits"), changed)
    assert len(found) == 4, found
    for word in ("modify_nullable", "remove_index", "remove_table", "ledger_minutes"):
        assert any(word in line for line in found), word


async def differences(url: str, metadata: MetaData) -> list[str]:
    """What alembic would change to make the database look like the models, and what alembic does not look at."""
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_differences, metadata)
    finally:
        await engine.dispose()


def _differences(connection: Connection, metadata: MetaData) -> list[str]:
    options: dict[str, Any] = {"compare_type": True, "include_name": _is_ours}
    context = MigrationContext.configure(connection, opts=options)
    return [*(str(change) for change in compare_metadata(context, metadata)), *_constraints(connection, metadata)]


def _is_ours(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
    """Not the chassis's tables, which are its own SQL, nor the partitions of its outbox."""
    table = str(name if kind == "table" else parents.get("table_name"))
    return not (table in IGNORED or table.startswith("outbox_"))


def _constraints(connection: Connection, metadata: MetaData) -> list[str]:
    """Primary keys, and the checks that the models name; the database may have more of them."""
    inspector = inspect(connection)
    found: list[str] = []
    present = set(inspector.get_table_names())
    for table in metadata.tables.values():
        if table.name not in present or table.name in IGNORED:
            continue
        real = inspector.get_pk_constraint(table.name)["constrained_columns"]
        if [column.name for column in table.primary_key] != real:
            found.append(f"{table.name}: primary key is {real} in the database")
        checks = {str(check["name"]) for check in inspector.get_check_constraints(table.name)}
        named = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint) and c.name}
        found.extend(f"{table.name}: check {name} is not in the database" for name in sorted(named - checks))
    return found
