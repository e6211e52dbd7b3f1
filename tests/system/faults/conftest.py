from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from tests.support.stack import PostgresServer, RabbitServer
from tests.system.faults.processes import Zygote
from tests.system.faults.town import Town

from cec_local.postgres import EmbeddedPostgres
from cec_local.rabbitmq import EmbeddedRabbit


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    zygote = Zygote(tmp_path_factory.mktemp("processes"))
    yield zygote
    zygote.close()


@pytest.fixture(scope="module")
async def town(zygote: Zygote, postgres_server: PostgresServer, rabbit_server: RabbitServer) -> AsyncIterator[Town]:
    """Fresh databases and virtual hosts for one module, whose tests go on with the same story."""
    async with town_on(zygote, postgres_server, rabbit_server) as town:
        yield town


@asynccontextmanager
async def town_on(zygote: Zygote, postgres: PostgresServer, rabbit: RabbitServer) -> AsyncIterator[Town]:
    """A town with databases and virtual hosts of its own on these servers."""
    databases = [await postgres.make_database(service) for service in ("enrolment", "credits")]
    vhosts = rabbit.make_vhosts()
    town = Town(zygote, databases[0], databases[1], vhosts.internal, vhosts.public)
    try:
        await town.prepare()
        yield town
    finally:
        await town.close()
        for url in databases:
            await postgres.drop_database(url)
        rabbit.drop_vhosts(vhosts)


@pytest.fixture(scope="session")
async def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """One that may be killed; it must be up again when a test ends."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    await asyncio.to_thread(server.start)
    yield server
    server.kill()


@pytest.fixture(scope="session")
async def own_rabbit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedRabbit]:
    """One that may be killed; it must be up again when a test ends."""
    node = EmbeddedRabbit(tmp_path_factory.mktemp("rabbit"))
    await asyncio.to_thread(node.start)
    yield node
    node.stop(graceful=False)
