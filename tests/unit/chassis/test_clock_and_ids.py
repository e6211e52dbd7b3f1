"""The clock that is handed in, and ids that grow with time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from cec_chassis.clock import TAIPEI, Clock, FixedClock, SystemClock, taipei_date
from cec_chassis.ids import new_id


def test_a_fixed_clock_stands_until_it_is_moved() -> None:
    clock = FixedClock(datetime(2016, 7, 7, 8, tzinfo=TAIPEI))
    assert clock.now() == clock.now() == datetime(2016, 7, 7, 0, tzinfo=UTC)
    assert clock.advance(timedelta(hours=1)) == clock.now() == datetime(2016, 7, 7, 1, tzinfo=UTC)


def test_both_clocks_are_clocks() -> None:
    assert isinstance(SystemClock(), Clock)
    assert isinstance(FixedClock(datetime.now(UTC)), Clock)
    assert SystemClock().now().tzinfo is UTC


def test_a_time_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="timezone"):
        FixedClock(datetime(2016, 7, 7))  # noqa: DTZ001
    with pytest.raises(ValueError, match="timezone"):
        taipei_date(datetime(2016, 7, 7))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2016, 7, 6, 16, 0, tzinfo=UTC), date(2016, 7, 7)),
        (datetime(2016, 7, 6, 15, 59, tzinfo=UTC), date(2016, 7, 6)),
        (datetime(2016, 7, 6, 20, 0, tzinfo=timezone(timedelta(hours=-8))), date(2016, 7, 7)),
    ],
)
def test_the_business_date_is_the_day_in_taipei(instant: datetime, day: date) -> None:
    assert taipei_date(instant) == day


def test_ids_are_version_7_and_grow_with_time() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {i.version for i in ids} == {7}
    assert len(set(ids)) == 1000
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)
