"""The whole system, started once for all tests of this folder, and the people who use it.

Nothing here is undone between tests: each test asks with ids and people of its own, or says what it reads.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
from rich.console import Console
from tests.support.collector import Collector, collecting
from tests.system.people import World, make_world
from tests.system.spy import Spy, listening
from tests.system.tables import Tables, tables_of
from tests.system.walking import Walked

from cec_local.demo import walk
from cec_local.stack import Stack


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where all services export their traces and metrics to."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Stack]:
    """Servers, six services and the gateway; every service tells all it does, so that logs and traces can be searched."""
    directory = tmp_path_factory.mktemp("stack")
    settings = {"CEC_LOG_LEVEL": "DEBUG", **collector.environment}
    stack = Stack(directory, settings=settings, sign_in_rate="6000r/m")
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()
        for server in ("postgres", "rabbitmq"):
            shutil.rmtree(directory / server, ignore_errors=True)


@pytest.fixture(scope="session")
async def spy(stack: Stack) -> AsyncIterator[Spy]:
    """Hears every event from the start on, internal and public."""
    async with listening(stack.rabbit.addresses()) as spy:
        yield spy


@pytest.fixture(scope="session")
async def walked(stack: Stack, spy: Spy) -> Walked:
    """The main job has been done once: its exit code and what it printed."""
    screen = io.StringIO()
    code = await walk(stack.gateway.url, stack, Console(file=screen, width=200))
    return Walked(code, screen.getvalue())


@pytest.fixture(scope="session")
async def world(stack: Stack, walked: Walked) -> AsyncIterator[World]:
    """People of every role with their tokens, and ids of things that are there since the main job."""
    world = await make_world(stack)
    try:
        yield world
    finally:
        await world.close()


@pytest.fixture(scope="session")
async def tables(stack: Stack) -> AsyncIterator[Tables]:
    """The databases of all services, to look into."""
    async with tables_of(stack) as tables:
        yield tables
