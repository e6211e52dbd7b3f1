"""The copy of the signing keys: the newest news holds, in whatever order and how often it comes."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime

import pytest
from litestar import get
from tests.support.http import app_of, client_of
from tests.support.tokens import KeySet, TestKey, an_actor, trust

from cec_chassis.bus.subscription import Received
from cec_chassis.clock import FixedClock
from cec_chassis.database import Database
from cec_chassis.http import Role, allow
from cec_chassis.ids import new_id
from cec_chassis.tokens import keep_signing_keys, signing_keys_in

OLD, CURRENT, NEXT = TestKey("old"), TestKey("current"), TestKey("next")


def news(sequence: int, *keys: TestKey) -> Received[KeySet]:
    return Received(
        id=new_id(),
        type="cec.identity.signing_keys_changed.v1",
        subject="signing-keys",
        sequence=sequence,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        body=KeySet([key.signing_key() for key in keys]),
    )


async def trusted(database: Database) -> set[str]:
    return {key.kid for key in await signing_keys_in(database)()}


async def test_what_is_read_is_what_was_told(database: Database) -> None:
    told = CURRENT.signing_key(status="next", retires_at=datetime(2027, 1, 1, tzinfo=UTC))
    async with database.transaction() as tx:
        event = news(1)
        await keep_signing_keys(tx, [Received(event.id, event.type, "s", 1, event.time, KeySet([told]))])
    assert await signing_keys_in(database)() == [told]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_the_newest_set_holds_in_whatever_order_it_comes(database: Database, order: tuple[int, ...]) -> None:
    events = [news(1, OLD), news(2, OLD, CURRENT), news(3, CURRENT, NEXT)]
    for index in (*order, *order):
        async with database.transaction() as tx:
            await keep_signing_keys(tx, [events[index]])
    assert await trusted(database) == {"current", "next"}


async def test_a_batch_of_news_is_as_good_as_one_after_the_other(database: Database) -> None:
    async with database.transaction() as tx:
        await keep_signing_keys(tx, [news(2, OLD, CURRENT), news(3, CURRENT, NEXT), news(1, OLD)])
    assert await trusted(database) == {"current", "next"}


async def test_two_deliveries_at_once_do_not_bring_a_withdrawn_key_back(database: Database) -> None:
    async def deliver(event: Received[KeySet]) -> None:
        async with database.transaction() as tx:
            await keep_signing_keys(tx, [event])
            await asyncio.sleep(0.05)

    await asyncio.gather(deliver(news(1, OLD)), deliver(news(2, CURRENT)), deliver(news(3, CURRENT, NEXT)))
    assert await trusted(database) == {"current", "next"}


async def test_a_withdrawn_key_may_come_back_by_newer_news(database: Database) -> None:
    for sequence, keys in ((1, [OLD]), (2, [CURRENT]), (3, [OLD])):
        await trust(database, *keys, sequence=sequence)
    assert await trusted(database) == {"old"}


async def test_a_service_lets_in_whom_its_own_copy_of_the_keys_trusts(database: Database, clock: FixedClock) -> None:
    @get("/in", guards=[allow(Role.PRACTITIONER)])
    async def inside() -> str:
        return "in"

    await trust(database, CURRENT)
    async with client_of(app_of(inside, database=database, clock=clock)) as client:
        good = await client.get("/in", headers=CURRENT.headers(an_actor("practitioner"), now=clock.now()))
        foreign = await client.get("/in", headers=OLD.headers(an_actor("practitioner"), now=clock.now()))
        ready = await client.get("/health/ready")
    assert (good.status_code, foreign.status_code) == (200, 401)
    assert ready.json() == {"status": "degraded", "dependencies": ["database", "signing_keys"], "degraded": ["broker"]}


async def test_without_a_database_nobody_is_called_a_forger() -> None:
    @get("/in", guards=[allow(Role.PRACTITIONER)])
    async def inside() -> str:
        return "in"

    async with client_of(app_of(inside)) as client:
        answer = await client.get("/in", headers=CURRENT.headers(an_actor("practitioner")))
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/temporarily-unavailable")
