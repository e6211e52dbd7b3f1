"""How fast bulk is sent, alone and beside single events."""

from __future__ import annotations

from cec_chassis.outbox.pace import ALONE_AFTER_SECONDS, LARGEST_SAVING, Pace


class Time:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


FILE = [f"row {i}" for i in range(100)]


def test_bulk_alone_goes_as_fast_as_it_can() -> None:
    pace = Pace(per_second=10, now=Time())
    assert pace.choose([], FILE) == FILE
    assert pace.choose([], FILE) == FILE


def test_beside_single_events_bulk_keeps_its_pace_and_its_order() -> None:
    time = Time()
    pace = Pace(per_second=100, now=time)
    assert pace.choose(["single"], FILE)[0] == "single"
    pace.choose([], FILE)
    time.now += 0.1
    assert pace.choose(["another"], FILE) == ["another", *FILE[:10]]
    assert pace.choose(["a third"], FILE) == ["a third"], "what was saved is spent"


def test_however_long_nothing_was_sent_no_flood_follows() -> None:
    time = Time()
    pace = Pace(per_second=1_000, now=time)
    pace.choose(["single"], [])
    time.now += ALONE_AFTER_SECONDS - 0.01
    assert len(pace.choose([], FILE)) == LARGEST_SAVING


def test_a_second_after_the_last_single_event_bulk_is_alone_again() -> None:
    time = Time()
    pace = Pace(per_second=1, now=time)
    pace.choose(["single"], FILE)
    assert len(pace.choose([], FILE)) <= 1
    time.now += ALONE_AFTER_SECONDS + 0.01
    assert pace.choose([], FILE) == FILE
