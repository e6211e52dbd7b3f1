from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.component.credits_batch.desk import BatchDesk, a_desk
from tests.conftest import MakeDatabase


@pytest.fixture
async def desk(make_database: MakeDatabase) -> AsyncIterator[BatchDesk]:
    desk = await a_desk(await make_database("credits"))
    yield desk
    await desk.close()
