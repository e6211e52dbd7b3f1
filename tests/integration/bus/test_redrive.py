"""Parked messages are listed, given to their consumer again after a mend, or discarded; and nobody else sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.integration.bus.conftest import MakeProbe
from tests.support.eventually import eventually
from tests.support.probe import Probe, count, event

from cec_chassis.bus import parking
from cec_chassis.bus.faults import Unprocessable
from cec_chassis.bus.parking import discard, list_parked, redrive
from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id


class Mendable:
    """A handler with a mistake that refuses amounts below nought, until it is mended."""

    mended = False

    async def __call__(self, tx: Transaction, events: Sequence[Received[Any]]) -> None:
        if not self.mended and any(e.body.amount < 0 for e in events):
            raise Unprocessable("negative-amount", "our mistake")
        await count(tx, events)


@pytest.fixture
def handler() -> Mendable:
    return Mendable()


@pytest.fixture
async def probe(make_probe: MakeProbe, handler: Mendable) -> Probe:
    """With three parked messages: two of them by the handler's mistake, one that is no event."""
    probe = await make_probe(handler=handler)
    await probe.send(event("a", -1), event("b", -2), b"no event")
    async with probe.working():
        await eventually(lambda: probe.has_parked(3))
    return probe


async def test_the_list_tells_what_waits_and_can_be_narrowed_to_a_reason(probe: Probe) -> None:
    async with probe.database.reading() as tx:
        everything = await list_parked(tx, "probe")
        mistakes = await list_parked(tx, "probe", reason="negative-amount")
        assert not await list_parked(tx, "another")
    assert {(r.reason, r.subject, r.attempts) for r in everything} == {
        ("negative-amount", "a", 1),
        ("negative-amount", "b", 1),
        ("not-a-cloudevent", "", 1),
    }
    assert {r.subject for r in mistakes} == {"a", "b"}
    assert all("our mistake" in r.error for r in mistakes)


async def test_one_is_redriven_after_the_mend(probe: Probe, handler: Mendable) -> None:
    handler.mended = True
    (one,) = [row["id"] for row in await probe.parked() if row["subject"] == "a"]
    async with probe.working():
        assert await redrive(probe.database, probe.amqp_url, "probe", ids=[one], by="somebody") == 1
        await eventually(lambda: probe.has_counted(1))
    assert await probe.amounts() == {"a": -1}
    states = {row["id"]: (row["state"], row["decided_by"]) for row in await probe.parked()}
    assert states.pop(one) == ("redriven", "somebody")
    assert set(states.values()) == {("parked", None)}
    audited = await probe.fetch("SELECT subject_id, action FROM audit_log")
    assert [tuple(row) for row in audited] == [(str(one), "parked_message.redriven")]


async def test_those_of_one_reason_are_redriven_together(probe: Probe, handler: Mendable) -> None:
    handler.mended = True
    async with probe.working():
        assert await redrive(probe.database, probe.amqp_url, "probe", reason="negative-amount") == 2
        await eventually(lambda: probe.has_counted(2))
    assert await probe.has_parked(1)


async def test_what_fails_again_is_parked_again_and_says_how_often(probe: Probe) -> None:
    async with probe.working():
        assert await redrive(probe.database, probe.amqp_url, "probe") == 3
        await eventually(lambda: probe.has_parked(3))
        await eventually(probe.is_quiet)
    assert {row["times_parked"] for row in await probe.parked()} == {2}
    assert not await probe.amounts()


async def test_redriving_everything_ends_although_everything_fails_again_meanwhile(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    await probe.send(*(f"poison {i}".encode() for i in range(9)))
    monkeypatch.setattr(parking, "REDRIVE_PAGE", 2)
    async with probe.working():
        await eventually(lambda: probe.has_parked(12))
        async with asyncio.timeout(20):
            assert await redrive(probe.database, probe.amqp_url, "probe") == 12
        await eventually(lambda: probe.has_parked(12))
        await eventually(probe.is_quiet)
    assert {row["times_parked"] for row in await probe.parked()} == {2}


async def test_a_redriven_message_reaches_its_own_consumer_and_no_other(
    make_probe: MakeProbe, probe: Probe, handler: Mendable
) -> None:
    other = await make_probe(beside=probe, service="other")
    handler.mended = True
    async with probe.working(), other.working():
        await redrive(probe.database, probe.amqp_url, "probe")
        await eventually(lambda: probe.has_counted(2))
        await eventually(other.is_quiet)
    assert not await other.fetch("SELECT 1 FROM inbox")
    assert not await other.parked()


async def test_a_redriven_message_that_was_taken_in_before_changes_nothing(probe: Probe, handler: Mendable) -> None:
    handler.mended = True
    ids = [row["id"] for row in await probe.parked()]
    async with probe.working():
        await redrive(probe.database, probe.amqp_url, "probe", ids=ids)
        await eventually(lambda: probe.has_counted(2))
        await eventually(lambda: probe.has_parked(1))
        await probe.fetch("UPDATE parked_messages SET state = 'parked'")  # as after a crash before the decision
        await redrive(probe.database, probe.amqp_url, "probe", ids=ids)
        await eventually(probe.is_quiet)
    assert {row["times"] for row in await probe.fetch("SELECT times FROM counts")} == {1}


async def test_a_discarded_message_stays_in_the_table_and_is_never_redriven(probe: Probe, handler: Mendable) -> None:
    handler.mended = True
    (none,) = [row["id"] for row in await probe.parked() if row["subject"] == ""]
    async with probe.database.transaction() as tx:
        assert await discard(tx, "probe", none, by="somebody", reason="it never was an event")
        assert not await discard(tx, "probe", new_id(), by="somebody", reason="there is none")
        assert not await discard(tx, "another", none, by="somebody", reason="not theirs")
    async with probe.working():
        assert await redrive(probe.database, probe.amqp_url, "probe") == 2
        await eventually(lambda: probe.has_counted(2))
    assert [row["state"] for row in await probe.parked() if row["id"] == none] == ["discarded"]
    (audited,) = await probe.fetch("SELECT reason FROM audit_log WHERE action = 'parked_message.discarded'")
    assert audited["reason"] == "it never was an event"
