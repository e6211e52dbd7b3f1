"""Broker or database cannot be reached, from the start or in the middle: everybody waits and goes on by themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from tests.integration.bus.conftest import MakeProbe
from tests.support.eventually import eventually
from tests.support.probe import FAST_LADDER, Probe, count, event
from tests.support.proxy import TcpProxy, proxied

from cec_chassis.bus import connection as connections
from cec_chassis.bus.subscription import Received
from cec_chassis.clock import SystemClock
from cec_chassis.database import Database, Transaction
from cec_chassis.outbox import relay as relaying
from cec_chassis.outbox.relay import Relay


@pytest.fixture
async def to_broker(probe: Probe) -> AsyncIterator[TcpProxy]:
    async with proxied(probe.amqp_url) as proxy:
        yield proxy


@pytest.fixture
async def to_database(probe: Probe) -> AsyncIterator[TcpProxy]:
    async with proxied(probe.database.dsn) as proxy:
        yield proxy


async def test_worker_and_relay_start_before_the_broker_and_begin_when_it_comes(
    probe: Probe, to_broker: TcpProxy
) -> None:
    await to_broker.refuse()
    await probe.say({"early": 1})
    worker = probe.bus_worker()
    worker.amqp_url = to_broker.url
    async with probe.working(worker), probe.relaying(relay_of(probe, broker=to_broker.url)):
        await asyncio.sleep(0.5)
        assert not worker.depths.connected
        await to_broker.accept()
        await eventually(lambda: probe.has_counted(1), within=20)
        assert worker.depths.connected


async def test_connecting_to_a_broker_that_says_nothing_does_not_wait_for_ever(
    probe: Probe, to_broker: TcpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CONNECT_TIMEOUT_SECONDS", 0.5)
    to_broker.freeze()
    with pytest.raises(TimeoutError):
        await connections.connect(to_broker.url, "test")
    async with connections.connected(probe.amqp_url, "test") as connection:
        assert not connection.is_closed


async def test_relay_starts_before_the_database(probe: Probe, to_database: TcpProxy) -> None:
    await to_database.refuse()
    await probe.say({"early": 1})
    async with probe.relaying(relay_of(probe, database=to_database.url)) as relay, probe.working():
        await asyncio.sleep(0.3)
        assert not relay.leading
        await to_database.accept()
        await eventually(lambda: probe.has_counted(1), within=20)


async def test_while_the_database_is_away_messages_wait_and_nothing_is_held_against_them(
    probe: Probe, to_database: TcpProxy
) -> None:
    """Longer than the whole retry ladder, and more often than a message may be delivered."""
    worker = probe.bus_worker()
    worker.database = Database(to_database.url, SystemClock(), ping=False)
    async with probe.working(worker):
        await to_database.refuse()
        await probe.send(*(event(f"s{i}", i) for i in range(30)))
        await asyncio.sleep(3 * sum(milliseconds for _, milliseconds in FAST_LADDER) / 1000)
        for label, _ in FAST_LADDER:
            assert await probe.waiting(probe.names.retry(label)) == 0
        await to_database.accept()
        await eventually(lambda: probe.has_counted(30), within=20)
    await worker.database.close()
    assert not await probe.parked()
    assert {row["times"] for row in await probe.fetch("SELECT times FROM counts")} == {1}


async def test_a_database_connection_that_went_silent_is_given_up(probe: Probe, to_database: TcpProxy) -> None:
    """No reset, no answer: without a limit of our own it would hang for a quarter of an hour."""
    worker = probe.bus_worker()
    worker.database = Database(to_database.url, SystemClock(), ping=False, command_timeout=1.0)
    async with probe.working(worker):
        await probe.send(event("before", 1))
        await eventually(lambda: probe.has_counted(1))
        to_database.freeze()
        await to_database.accept()
        await probe.send(event("after", 2))
        took = await eventually(lambda: probe.has_counted(2), within=30)
    assert took < 10
    await worker.database.close()


async def test_a_relay_cut_off_without_a_word_makes_room_for_the_next(
    probe: Probe, to_database: TcpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock outlives it on the server, which still believes in the connection."""
    monkeypatch.setattr(relaying, "SESSION", relaying.SESSION | {"idle_session_timeout": "1500"})
    async with probe.relaying(relay_of(probe, database=to_database.url)) as lost, probe.working():
        await eventually(lambda: lost.leading)
        async with probe.relaying() as next_one:
            await asyncio.sleep(0.2)
            assert not next_one.leading
            to_database.freeze()
            await probe.say({"news": 1})
            await eventually(lambda: next_one.leading, within=10)
            await eventually(lambda: probe.has_counted(1))
        to_database.thaw()


async def test_a_slow_handler_does_not_cost_the_connection(make_probe: MakeProbe, to_broker: TcpProxy) -> None:
    """Heartbeats go on while a handler waits for the database (trap A8)."""

    async def slow(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        await tx.execute("SELECT pg_sleep(3.5)")
        await count(tx, events)

    probe = await make_probe(handler=slow)
    begun = time.monotonic()
    await probe.send(event("s", 1))
    worker = probe.bus_worker()
    worker.amqp_url = f"{probe.amqp_url}?heartbeat=1"
    async with probe.working(worker):
        await eventually(lambda: probe.has_counted(1))
    assert time.monotonic() - begun >= 3.5
    assert {row["times"] for row in await probe.fetch("SELECT times FROM counts")} == {1}
    assert await probe.waiting() == 0


def relay_of(probe: Probe, *, broker: str | None = None, database: str | None = None) -> Relay:
    """The probe's relay by way of a proxy."""
    return Relay("probe", database or probe.database.dsn, broker or probe.amqp_url, probe.public_url, ("probe",))
