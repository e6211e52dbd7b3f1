from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractConnection
from tests.conftest import MakeDatabase, MakeVhost
from tests.support.probe import Probe

MakeProbe = Callable[..., Awaitable[Probe]]


@pytest.fixture
async def make_probe(make_database: MakeDatabase, make_vhost: MakeVhost) -> AsyncIterator[MakeProbe]:
    """`await make_probe()`: a probe on a fresh database and vhost; `beside=other` puts it on the vhost of another."""
    made: list[Probe] = []

    async def make(*, beside: Probe | None = None, **more: Any) -> Probe:
        if beside is None:
            vhosts = make_vhost()
            internal, public = vhosts.internal, vhosts.public
        else:
            internal, public = beside.amqp_url, beside.public_url
        made.append(await Probe.make(await make_database(None), internal, public, **more))
        return made[-1]

    yield make
    for probe in made:
        await probe.close()


@pytest.fixture
async def probe(make_probe: MakeProbe) -> Probe:
    return await make_probe()


@pytest.fixture
async def connection(probe: Probe) -> AsyncIterator[AbstractConnection]:
    """A bare connection to the probe's vhost, to show what the client library does by itself."""
    async with await aio_pika.connect(probe.amqp_url) as connection:
        yield connection


@pytest.fixture
async def channel(connection: AbstractConnection) -> AbstractChannel:
    return await connection.channel(on_return_raises=True)
