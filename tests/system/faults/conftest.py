from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from tests.support.stack import PostgresServer, RabbitServer
from tests.system.faults.processes import Zygote
from tests.system.faults.town import Town


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    zygote = Zygote(tmp_path_factory.mktemp("processes"))
    yield zygote
    zygote.close()


@pytest.fixture(scope="module")
async def town(zygote: Zygote, postgres_server: PostgresServer, rabbit_server: RabbitServer) -> AsyncIterator[Town]:
    """Fresh databases and virtual hosts for one module, whose tests go on with the same story."""
    databases = [await postgres_server.make_database(service) for service in ("enrolment", "credits")]
    vhosts = rabbit_server.make_vhosts()
    town = Town(zygote, databases[0], databases[1], vhosts.internal, vhosts.public)
    await town.prepare()
    yield town
    await town.close()
    for url in databases:
        await postgres_server.drop_database(url)
    rabbit_server.drop_vhosts(vhosts)
