"""One pair of virtual hosts for all tests of a module: what a subscriber may not do leaves nothing behind."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

import pytest
from tests.support.stack import RabbitServer, Vhosts

from cec_chassis.bus.connection import connected
from cec_chassis.bus.topology import declare_public, declare_publishers
from cec_local.secret_files import SecretFiles
from cec_local.subscribers import add_subscriber


class Subscriber(NamedTuple):
    """Another system: its broker address and its queue."""

    url: str
    queue: str


MakeSubscriber = Callable[[], Awaitable[Subscriber]]


@pytest.fixture(scope="module")
async def vhosts(rabbit_server: RabbitServer) -> AsyncIterator[Vhosts]:
    """With the exchanges that the services declare."""
    vhosts = rabbit_server.make_vhosts()
    async with connected(vhosts.internal, "test") as connection:
        await declare_publishers(await connection.channel(), ["credits"])
    async with connected(vhosts.public, "test") as connection:
        await declare_public(await connection.channel())
    yield vhosts
    rabbit_server.drop_vhosts(vhosts)


@pytest.fixture(scope="module")
async def make_subscriber(
    vhosts: Vhosts, rabbit_server: RabbitServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[MakeSubscriber]:
    """`await make_subscriber()`: an account and a queue as the operator's command makes them."""
    files = SecretFiles(tmp_path_factory.mktemp("secrets"))
    made: list[str] = []

    async def make() -> Subscriber:
        made.append(f"test-{secrets.token_hex(4)}")
        found = await add_subscriber(made[-1], public_url=vhosts.public, admin=rabbit_server.admin, secrets=files)
        return Subscriber(*found)

    yield make
    for name in made:
        rabbit_server.admin.delete_user(f"gov.{name}")


@pytest.fixture(scope="module")
async def own(make_subscriber: MakeSubscriber) -> Subscriber:
    return await make_subscriber()


@pytest.fixture(scope="module")
async def other(make_subscriber: MakeSubscriber) -> Subscriber:
    return await make_subscriber()
