"""How fast bulk is sent, alone and beside single events."""

from __future__ import annotations

from tests.support.monotonic import Monotonic

from cec_chassis.outbox.pace import ALONE_AFTER_SECONDS, LARGEST_SAVING, Pace

FILE = [f"row {i}" for i in range(100)]


def test_bulk_alone_goes_as_fast_as_it_can() -> None:
    pace = Pace(per_second=10, now=Monotonic())
    assert pace.choose([], FILE) == FILE
    assert pace.choose([], FILE) == FILE


def test_beside_single_events_bulk_keeps_its_pace_and_its_order() -> None:
    time = Monotonic()
    pace = Pace(per_second=100, now=time)
    assert pace.choose(["single"], FILE)[0] == "single"
    pace.choose([], FILE)
    time.pass_by(0.1)
    assert pace.choose(["another"], FILE) == ["another", *FILE[:10]]
    assert pace.choose(["a third"], FILE) == ["a third"], "what was saved is spent"


def test_single_events_that_have_waited_slow_nothing_down() -> None:
    pace = Pace(per_second=10, now=Monotonic())
    assert pace.choose(["held back by a file"], FILE, fresh=False) == ["held back by a file", *FILE]


def test_however_long_nothing_was_sent_no_flood_follows() -> None:
    time = Monotonic()
    pace = Pace(per_second=1_000, now=time)
    pace.choose(["single"], [])
    time.pass_by(ALONE_AFTER_SECONDS - 0.01)
    assert len(pace.choose([], FILE)) == LARGEST_SAVING


def test_a_second_after_the_last_single_event_bulk_is_alone_again() -> None:
    time = Monotonic()
    pace = Pace(per_second=1, now=time)
    pace.choose(["single"], FILE)
    assert len(pace.choose([], FILE)) <= 1
    time.pass_by(ALONE_AFTER_SECONDS + 0.01)
    assert pace.choose([], FILE) == FILE
