"""`migrate` dies by `kill -9`: nothing half made stays, and the next try succeeds."""

from __future__ import annotations

import signal

import pytest
from tests.conftest import MakeDatabase
from tests.system.faults.town import Town, fetch

pytestmark = pytest.mark.system


async def test_killed_before_its_commit_leaves_nothing_and_is_repeated(town: Town, make_database: MakeDatabase) -> None:
    url = await make_database(None)
    killed = await town.run(
        "credits", "migrate", CEC_SERVICE_DATABASE_URL=url, CEC_FAILPOINT="migration.before_commit:1:exit137"
    )
    assert killed.code == -signal.SIGKILL
    assert not await _tables(url)
    again = await town.run("credits", "migrate", CEC_SERVICE_DATABASE_URL=url)
    assert again.code == 0, again.said()
    assert {"outbox", "inbox", "ledger_entries", "alembic_version"} <= await _tables(url)


async def test_killed_while_declaring_queues_is_repeated(town: Town, make_database: MakeDatabase) -> None:
    url = await make_database(None)
    killed = await town.run(
        "credits", "migrate", CEC_SERVICE_DATABASE_URL=url, CEC_FAILPOINT="topology.during_declare:1:exit137"
    )
    assert killed.code == -signal.SIGKILL
    again = await town.run("credits", "migrate", CEC_SERVICE_DATABASE_URL=url)
    assert again.code == 0, again.said()


async def _tables(url: str) -> set[str]:
    return {row["tablename"] for row in await fetch(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
