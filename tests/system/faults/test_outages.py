"""Broker and database are killed, and the ways to them cut, closed and silenced, under load: everything counts once.

The processes live through all of it, in whatever order the tests run; nobody restarts them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from tests.support.proxy import TcpProxy, proxied
from tests.support.stack import PostgresServer, RabbitServer
from tests.system.faults.conftest import town_on
from tests.system.faults.processes import Zygote
from tests.system.faults.town import Town

from cec_local.postgres import EmbeddedPostgres
from cec_local.rabbitmq import YOUNG_QUEUE_SECONDS, EmbeddedRabbit

pytestmark = pytest.mark.system

RECOVERY_SECONDS = 60.0
HEARTBEAT = 2
"""Seconds; a silent connection is given up after (2 + 1) × 3 = 9 s instead of production's 33 s."""


@dataclass
class Outpost:
    """A town whose processes reach the broker, and the worker also the database, through proxies."""

    town: Town
    to_broker: TcpProxy
    to_database: TcpProxy

    async def recovers(self) -> None:
        """By itself, within a minute, and nothing is lost or counted twice."""
        await self.town.settle(within=RECOVERY_SECONDS)
        await self.town.check()


@pytest.fixture(scope="module")
async def outpost(zygote: Zygote, own_postgres: EmbeddedPostgres, own_rabbit: EmbeddedRabbit) -> AsyncIterator[Outpost]:
    postgres = PostgresServer(own_postgres.url)
    rabbit = RabbitServer(own_rabbit.amqp_url(), own_rabbit.admin)
    async with (
        town_on(zygote, postgres, rabbit) as town,
        proxied(town.amqp_url) as to_broker,
        proxied(town.credits_url) as to_database,
    ):
        broker = f"{to_broker.url}?heartbeat={HEARTBEAT}"
        async with (
            town.running(("enrolment", "relay"), ("credits", "relay"), CEC_AMQP_URL=broker),
            town.running(("credits", "work"), CEC_AMQP_URL=broker, CEC_SERVICE_DATABASE_URL=to_database.url),
        ):
            await town.live()
            await town.settle()
            await asyncio.sleep(YOUNG_QUEUE_SECONDS)  # RabbitMQ 3.10 loses a queue that it is killed right after making
            yield Outpost(town, to_broker, to_database)
        await town.check_nobody_held_anything()


async def test_broker_killed_and_restarted(outpost: Outpost, own_rabbit: EmbeddedRabbit) -> None:
    async with outpost.town.living():
        await asyncio.sleep(0.5)
        await asyncio.to_thread(own_rabbit.restart)
        await asyncio.sleep(0.5)
    await outpost.recovers()


async def test_connections_to_the_broker_cut_again_and_again(outpost: Outpost) -> None:
    async with outpost.town.living():
        for _ in range(6):
            await asyncio.sleep(0.3)
            outpost.to_broker.cut()
    await outpost.recovers()


async def test_broker_refuses_connections_for_a_while(outpost: Outpost) -> None:
    async with outpost.town.living():
        await outpost.to_broker.refuse()
        await asyncio.sleep(2)
        await outpost.to_broker.accept()
    await outpost.recovers()


async def test_connections_to_the_broker_go_silent_and_never_come_back(outpost: Outpost) -> None:
    async with outpost.town.living():
        await asyncio.sleep(0.3)
        outpost.to_broker.freeze()
        await outpost.to_broker.accept()
        await asyncio.sleep(1)
    await outpost.recovers()


async def test_connections_to_the_broker_go_silent_and_wake_up_late(outpost: Outpost) -> None:
    """What was held back arrives beside what was sent again."""
    async with outpost.town.living():
        await asyncio.sleep(0.3)
        outpost.to_broker.freeze()
        await asyncio.sleep(2)
        outpost.to_broker.thaw()
    await outpost.recovers()


async def test_connections_to_the_database_cut_again_and_again(outpost: Outpost) -> None:
    async with outpost.town.living():
        for _ in range(6):
            await asyncio.sleep(0.2)
            outpost.to_database.cut()
    await outpost.recovers()


async def test_database_away_for_longer_than_the_retry_ladder_is_long(outpost: Outpost) -> None:
    """The worker waits with what it has; nothing is tried to the end and parked."""
    async with outpost.town.living():
        await outpost.to_database.refuse()
        await asyncio.sleep(2.5)
        await outpost.to_database.accept()
    await outpost.recovers()


async def test_database_killed_and_restarted(outpost: Outpost, own_postgres: EmbeddedPostgres) -> None:
    async with outpost.town.living():
        await asyncio.sleep(0.3)
        await asyncio.to_thread(own_postgres.kill)
        await asyncio.sleep(1)
        await asyncio.to_thread(own_postgres.start)
        await asyncio.sleep(0.5)
    await outpost.recovers()


async def test_database_stopped_for_a_while_and_started(outpost: Outpost, own_postgres: EmbeddedPostgres) -> None:
    async with outpost.town.living():
        await asyncio.to_thread(own_postgres.stop)
        await asyncio.sleep(2)
        await asyncio.to_thread(own_postgres.start)
    await outpost.recovers()
