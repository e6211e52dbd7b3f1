"""A service of two routes on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from cec_chassis.clock import FixedClock
from cec_chassis.database import Database
from cec_chassis.database.schema import CHASSIS_NOW, create_chassis_tables

MakeDatabase = Callable[[str | None], Awaitable[str]]

THINGS = "CREATE TABLE things (id uuid PRIMARY KEY, name text NOT NULL, account_id uuid)"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
async def database(make_database: MakeDatabase, clock: FixedClock) -> AsyncIterator[Database]:
    """A fresh database with the tables that every service has, and one of its own."""
    database = Database(await make_database(None), clock, pool_size=8)
    async with database.engine.begin() as connection:
        await connection.run_sync(create_chassis_tables, CHASSIS_NOW)
        await connection.exec_driver_sql(THINGS)
    yield database
    await database.close()
