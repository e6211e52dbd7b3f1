from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tests.conftest import MakeDatabase, MakeVhost
from tests.support.probe import Probe

MakeProbe = Callable[..., Awaitable[Probe]]


@pytest.fixture
async def make_probe(make_database: MakeDatabase, make_vhosts: MakeVhost) -> AsyncIterator[MakeProbe]:
    made: list[Probe] = []

    async def make(**more: Any) -> Probe:
        vhosts = make_vhosts()
        made.append(await Probe.make(await make_database(None), vhosts.internal, vhosts.public, **more))
        return made[-1]

    yield make
    for probe in made:
        await probe.close()


@pytest.fixture
async def probe(make_probe: MakeProbe) -> Probe:
    return await make_probe()
