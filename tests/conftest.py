"""Fixtures of every test. The servers are real; they start when the first test asks for them (see `support/stack.py`)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from tests.support.scheduling import StackTogether
from tests.support.stack import PostgresServer, RabbitServer, Vhosts, begin_session, end_session

MakeDatabase = Callable[[str | None], Awaitable[str]]
MakeVhost = Callable[[], Vhosts]

PROFILES = {"normal": 40, "long": 2_000}
"""How many examples hypothesis tries: `HYPOTHESIS_PROFILE=long` for many, `CEC_EXAMPLES=100000` for any number."""
for name, examples in PROFILES.items():
    settings.register_profile(
        name,
        max_examples=int(os.environ.get("CEC_EXAMPLES", examples)),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> StackTogether | None:
    """The scheduler of `--dist loadscope`."""
    return StackTogether(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_configure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        begin_session()


def pytest_unconfigure() -> None:
    end_session()


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """The PostgreSQL of this run, shared by all workers."""
    return PostgresServer.obtain()


@pytest.fixture(scope="session")
def rabbit_server() -> RabbitServer:
    """The RabbitMQ of this run, shared by all workers."""
    return RabbitServer.obtain()


@pytest.fixture
async def make_database(postgres_server: PostgresServer) -> AsyncIterator[MakeDatabase]:
    """`await make_database("credits")`: the address of a fresh migrated database; `make_database(None)`: an empty one."""
    made: list[str] = []

    async def make(service: str | None) -> str:
        made.append(await postgres_server.make_database(service))
        return made[-1]

    yield make
    for url in made:
        await postgres_server.drop_database(url)


@pytest.fixture
def make_vhost(rabbit_server: RabbitServer) -> Iterator[MakeVhost]:
    """`make_vhost()`: a fresh pair of virtual hosts, `.internal` and `.public`."""
    made: list[Vhosts] = []

    def make() -> Vhosts:
        made.append(rabbit_server.make_vhosts())
        return made[-1]

    yield make
    for vhosts in made:
        rabbit_server.drop_vhosts(vhosts)
