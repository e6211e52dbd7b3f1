from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from tests.component.credits.town import NOON, Town
from tests.conftest import MakeDatabase

from cec_chassis.clock import FixedClock
from cec_chassis.database import Database
from cec_credits.rulesets.load_bundled import load_bundled
from cec_credits.service import SERVICE


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2016, 7, 7, 4, tzinfo=UTC))


@pytest.fixture
async def database(make_database: MakeDatabase, clock: FixedClock) -> AsyncIterator[Database]:
    database = Database(await make_database("credits"), clock)
    yield database
    await database.close()


@pytest.fixture
async def town(make_database: MakeDatabase) -> AsyncIterator[Town]:
    """The whole service with its rule sets loaded; nobody has moved in yet."""
    service = await Town.start(SERVICE, await make_database("credits"), NOON)
    assert isinstance(service, Town)
    await load_bundled(service.runtime)
    yield service
    await service.close()
