from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from tests.conftest import MakeDatabase

from cec_chassis.clock import FixedClock
from cec_chassis.database import Database


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2016, 7, 7, 4, tzinfo=UTC))


@pytest.fixture
async def database(make_database: MakeDatabase, clock: FixedClock) -> AsyncIterator[Database]:
    database = Database(await make_database("credits"), clock)
    yield database
    await database.close()
