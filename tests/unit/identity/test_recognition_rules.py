"""The year in which a revoked unit may not apply, and when a recognition is in force."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cec_identity.recognitions.domain import Ground, may_apply_from


@pytest.mark.parametrize(
    ("revoked_on", "again"),
    [
        (date(2026, 3, 10), date(2027, 3, 11)),
        (date(2025, 12, 31), date(2027, 1, 1)),
        (date(2024, 2, 28), date(2025, 3, 1)),
        (date(2024, 2, 29), date(2025, 3, 1)),
        (date(2023, 2, 28), date(2024, 3, 1)),
    ],
)
def test_the_year_begins_on_the_day_after(revoked_on: date, again: date) -> None:
    assert may_apply_from(revoked_on) == again


@given(st.dates(date(2013, 7, 1), date(2100, 1, 1)))
def test_the_ban_is_never_shorter_than_a_year_nor_longer_by_more_than_two_days(revoked_on: date) -> None:
    assert 365 <= (may_apply_from(revoked_on) - revoked_on).days <= 367


def test_each_ground_has_its_number_in_the_article() -> None:
    assert [ground.article for ground in Ground] == ["18(1)(1)", "18(1)(2)", "18(1)(3)", "18(1)(4)"]
