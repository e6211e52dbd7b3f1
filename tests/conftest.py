"""Fixtures of every test. The servers are real; they start when the first test asks for them (see `support/stack.py`)."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from tests.support.leases import Leases
from tests.support.routes_once import routes_once
from tests.support.scheduling import StackTogether, slow_first
from tests.support.stack import PostgresServer, RabbitServer, Vhosts, begin_session, end_session

from cec_chassis import garbage
from cec_identity.accounts import passwords

gc.disable()  # while thousands of tests are collected, all of which stay

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow_first(items)


def pytest_collection_finish() -> None:
    """As a service does when it starts: looking through all modules again and again is a tenth of the time of a run."""
    gc.enable()
    garbage.look_seldom()


def pytest_configure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        begin_session()


def pytest_unconfigure() -> None:
    end_session()


@pytest.fixture(scope="session", autouse=True)
def full_cost() -> Iterator[tuple[int, int, int]]:
    """What a password hash costs in life. In this process one costs next to nothing: it would be most of what identity's
    tests do. Services that tests start as processes pay the full cost."""
    with pytest.MonkeyPatch.context() as patch:
        cost = passwords.COST
        patch.setattr(passwords, "COST", (1, 64, 1))
        yield cost


@pytest.fixture
def at_full_cost(full_cost: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test of how long passwords take: hashes cost what they cost in life."""
    monkeypatch.setattr(passwords, "COST", full_cost)


@pytest.fixture(scope="session", autouse=True)
def routes_put_together_once() -> Iterator[None]:
    with routes_once():
        yield


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """The PostgreSQL of this run, shared by all workers."""
    return PostgresServer.obtain()


@pytest.fixture(scope="session")
def rabbit_server() -> RabbitServer:
    """The RabbitMQ of this run, shared by all workers."""
    return RabbitServer.obtain()


@pytest.fixture(scope="session")
async def leases(postgres_server: PostgresServer) -> AsyncIterator[Leases]:
    """The databases that the tests of this worker use one after another."""
    leases = Leases(postgres_server)
    yield leases
    await leases.end()


@pytest.fixture
async def make_database(postgres_server: PostgresServer, leases: Leases) -> AsyncIterator[MakeDatabase]:
    """`await make_database("credits")`: the address of a migrated database that is as good as new, see `support/leases.py`;
    `make_database(None)`: an empty one."""
    empty: list[str] = []
    borrowed: list[str] = []

    async def make(service: str | None) -> str:
        if service is None:
            empty.append(await postgres_server.make_database())
            return empty[-1]
        borrowed.append(await leases.borrow(service))
        return borrowed[-1]

    yield make
    for url in empty:
        await postgres_server.drop_database(url)
    for url in borrowed:
        await leases.give_back(url)


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
