"""A passing error is tried again with growing waits; one that does not pass is parked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest
from tests.integration.bus.conftest import MakeProbe
from tests.support.eventually import eventually
from tests.support.probe import FAST_LADDER, Probe, count, event

from cec_chassis.bus.delivery import ATTEMPT_HEADER, REPLAY_HEADER
from cec_chassis.bus.faults import Fault, Unprocessable, classify
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction


class Moody:
    """A handler that fails for some subjects so many times, then succeeds; remembers when it was asked."""

    def __init__(self, failures: dict[str, int], error: type[Exception] = RuntimeError) -> None:
        self.failures = failures
        self.error = error
        self.asked: dict[str, list[float]] = {}

    async def __call__(self, tx: Transaction, events: Sequence[Received[Any]]) -> None:
        if len(events) > 1 and any(e.subject in self.failures for e in events):
            raise self.error("not all together")
        for e in events:
            self.asked.setdefault(e.subject, []).append(time.monotonic())
            if len(self.asked[e.subject]) <= self.failures.get(e.subject, 0):
                raise self.error(f"{e.subject} for the {len(self.asked[e.subject])}th time")
        await count(tx, events)


async def test_a_passing_error_is_tried_again_with_growing_waits_and_then_counts_once(make_probe: MakeProbe) -> None:
    moody = Moody({"late": 2})
    probe = await make_probe(handler=moody)
    await probe.send(event("late", 1), event("other", 2))
    async with probe.working():
        await eventually(lambda: probe.has_counted(2))
        await eventually(probe.is_quiet)
    first, second, third = moody.asked["late"]
    for waited, (_, milliseconds) in zip((second - first, third - second), FAST_LADDER, strict=True):
        assert waited >= milliseconds / 1000
    assert {row["times"] for row in await probe.fetch("SELECT times FROM counts")} == {1}
    assert not await probe.parked()


async def test_an_error_that_does_not_pass_is_parked_with_reason_error_and_attempts(make_probe: MakeProbe) -> None:
    moody = Moody({"never": 99})
    probe = await make_probe(handler=moody)
    await probe.send(event("never", 1), event("other", 2))
    async with probe.working():
        await eventually(lambda: probe.has_parked(1))
        await eventually(probe.is_quiet)
    (row,) = await probe.parked()
    assert (row["reason"], row["attempts"], row["times_parked"]) == ("handler-failed", 3, 1)
    assert "never for the 3th time" in row["error"]
    assert (row["type"], row["subject"]) == ("cec.probe.counted.v1", "never")
    assert await probe.amounts() == {"other": 2}


async def test_a_wrong_count_of_attempts_from_elsewhere_changes_nothing(make_probe: MakeProbe) -> None:
    probe = await make_probe(handler=Moody({"never": 99}))
    await probe.send(event("never", 1), headers={ATTEMPT_HEADER: -5})
    await probe.send(event("other", 2))
    async with probe.working():
        await eventually(lambda: probe.has_parked(1))
        await eventually(lambda: probe.has_counted(1))
    assert [row["attempts"] for row in await probe.parked()] == [3]


async def test_a_handler_may_say_that_no_retry_can_help(make_probe: MakeProbe) -> None:
    async def refuse(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        if any(e.body.amount < 0 for e in events):
            raise Unprocessable("negative-amount", "an amount is never negative")
        await count(tx, events)

    probe = await make_probe(handler=refuse)
    await probe.send(event("good", 1), event("bad", -1))
    async with probe.working():
        await eventually(lambda: probe.has_parked(1))
        await eventually(lambda: probe.has_counted(1))
    (row,) = await probe.parked()
    assert (row["reason"], row["attempts"], row["error"]) == (
        "negative-amount",
        1,
        "Unprocessable('an amount is never negative')",
    )


async def test_what_the_database_refuses_for_good_is_parked_at_once(probe: Probe) -> None:
    await probe.fetch("ALTER TABLE counts ADD CHECK (amount < 100)")
    await probe.send(event("good", 1), event("too-much", 100), event("beyond-integer", 10**12))
    async with probe.working():
        await eventually(lambda: probe.has_parked(2))
        await eventually(lambda: probe.has_counted(1))
    assert {(row["reason"], row["attempts"]) for row in await probe.parked()} == {("data-refused", 1)}


async def test_a_handlers_own_missing_file_is_not_taken_for_an_outage(make_probe: MakeProbe) -> None:
    probe = await make_probe(handler=Moody({"bad": 99}, FileNotFoundError))
    await probe.send(event("bad", 1), event("good", 2))
    async with probe.working():
        await eventually(lambda: probe.has_parked(1), within=60)
        await eventually(lambda: probe.has_counted(1))
    assert [row["reason"] for row in await probe.parked()] == ["handler-failed"]


async def test_a_replayed_event_that_had_to_be_tried_again_is_still_a_replayed_one(make_probe: MakeProbe) -> None:
    """Otherwise the inbox, which has seen it long ago, would swallow it after the retry."""
    moody = Moody({})
    probe = await make_probe(handler=moody)
    seen_long_ago = event("s", 1)
    await probe.send(seen_long_ago)
    async with probe.working():
        await eventually(lambda: probe.has_counted(1))
        await probe.fetch("DELETE FROM counts")
        moody.failures["s"] = len(moody.asked["s"]) + 1
        await probe.send(seen_long_ago, headers={REPLAY_HEADER: True}, queue=probe.names.replay)
        await eventually(lambda: probe.has_counted(1))
    assert len(moody.asked["s"]) == 3


async def test_a_retry_whose_publish_is_not_confirmed_leaves_the_message_where_it_was(
    make_probe: MakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = await make_probe(handler=Moody({"late": 1}))
    await probe.send(event("late", 1))
    honest = ConfirmedPublisher.publish
    lost = asyncio.Event()

    async def unlucky(self: ConfirmedPublisher, *arguments: Any, **more: Any) -> None:
        if not lost.is_set():
            lost.set()
            raise TimeoutError("the confirm never came")
        await honest(self, *arguments, **more)

    monkeypatch.setattr(ConfirmedPublisher, "publish", unlucky)
    async with probe.working():
        await eventually(lambda: probe.has_counted(1))
    assert lost.is_set()


FAULTS = {
    "40001": Fault.TRANSIENT,  # serialization failure
    "40P01": Fault.TRANSIENT,  # deadlock
    "55P03": Fault.TRANSIENT,  # lock not available
    "57014": Fault.TRANSIENT,  # statement cancelled
    "23505": Fault.TRANSIENT,  # lost a race for a key
    "42P01": Fault.TRANSIENT,  # a table that a migration has not made yet
    "P0001": Fault.TRANSIENT,  # raised by a trigger
    "23514": Fault.PERMANENT,  # check violated
    "22P02": Fault.PERMANENT,  # text that is no number
    "53100": Fault.INFRASTRUCTURE,  # disk full
    "53300": Fault.INFRASTRUCTURE,  # too many connections
    "25006": Fault.INFRASTRUCTURE,  # read-only
    "57P01": Fault.INFRASTRUCTURE,  # shutting down
    "57P03": Fault.INFRASTRUCTURE,  # starting up
    "08006": Fault.INFRASTRUCTURE,  # connection failure
}


async def test_each_kind_of_database_error_has_its_way(probe: Probe) -> None:
    raised = "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{}'; END $$"
    assert {state: classify(await _error_of(probe, raised.format(state))) for state in FAULTS} == FAULTS


async def test_a_session_ended_by_an_administrator_is_an_outage(probe: Probe) -> None:
    error = await _error_of(probe, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert classify(error) is Fault.INFRASTRUCTURE


async def _error_of(probe: Probe, sql: str) -> Exception:
    try:
        async with probe.database.transaction() as tx:
            await tx.execute(sql)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look at
        return error
    raise AssertionError("no error")
