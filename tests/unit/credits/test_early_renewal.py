"""A licence renewed early: in force before the cycle it sets begins, and longer than six years by as much (Art. 7, 8)."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from msgspec.structs import replace
from tests.unit.credits.building import day, losses, record, state, totals

from cec_credits.rulesets.load import bundled
from cec_credits.statements.domain import Licence, Period, Statement
from cec_credits.statements.evaluate import evaluate
from cec_credits.statements.head import Window
from cec_credits.statements.window import months_before

RENEWED = ("2026-11-01", "2033-05-01")
WHOLE = Period(day("2027-05-02"), day("2033-05-01"))


def as_of(text: str, *records: str) -> Statement:
    return state(*(record(f"on {on}", on=on) for on in records), licence=RENEWED, as_of=text)


def test_before_its_cycle_begins_the_window_is_the_cycle_to_come_and_holds_nothing() -> None:
    statement = as_of("2026-12-01", "2026-06-01", "2026-11-20")
    assert statement.window == WHOLE
    assert totals(statement) == ("0.00", "0.00")
    assert losses(statement, "on 2026-11-20") == [("window", "OUT_OF_WINDOW_BEFORE", "1.00")]


def test_no_day_belongs_to_two_cycles_when_one_ends_on_a_leap_day() -> None:
    leap_day = record("leap day", on="2020-02-29")
    former = state(leap_day, licence=("2014-03-01", "2020-02-29"), as_of="2020-02-29")
    renewed = Licence(day("2020-03-01"), day("2026-02-28"), None, predecessor_until=day("2020-02-29"))
    following = evaluate(replace(former.case, licence=renewed, as_of=day("2026-02-28")), bundled())
    assert totals(former) == ("1.00", "0.00")
    assert following.window.since == day("2020-03-01")
    assert losses(following, "leap day") == [("window", "OUT_OF_WINDOW_BEFORE", "1.00")]


def test_the_statement_says_from_which_day_it_will_count() -> None:
    told = Window.of(WHOLE, day("2026-12-01"))
    assert told.remark is not msgspec.UNSET
    assert "begins on 2027-05-02" in told.remark.en
    assert "民國 116 年 5 月 2 日" in told.remark.zh
    assert Window.of(Period(WHOLE.since, WHOLE.since), WHOLE.since).remark is msgspec.UNSET


def test_the_answer_changes_by_itself_on_the_day_the_cycle_begins() -> None:
    assert as_of("2026-12-01").changes_on == day("2027-05-02")
    begun = as_of("2027-05-02", "2027-05-01", "2027-05-02")
    assert begun.window == Period(day("2027-05-02"), day("2027-05-02"))
    assert (totals(begun), begun.changes_on) == (("1.00", "0.00"), day("2033-05-02"))


@pytest.mark.parametrize("as_of_day", ["2010-01-01", "2030-01-01", "2050-01-01"])
def test_no_window_ever_ends_before_it_begins(as_of_day: str) -> None:
    asked = Period(day("2031-01-01"), day("2031-12-31"))
    for window in (None, asked):
        found = state(profession="A", licence=RENEWED, as_of=as_of_day, window=window).window
        assert found.since <= found.until


@pytest.mark.parametrize(
    ("begins", "ends", "predecessor", "anomalies"),
    [
        ("2026-11-01", "2033-05-01", "2027-05-01", ()),
        ("2026-10-31", "2033-05-01", "2027-05-01", ("LICENCE_OVER_6_YEARS",)),  # more than six months before
        ("2026-11-01", "2033-06-01", "2027-05-01", ("LICENCE_OVER_6_YEARS",)),  # more than six years after the old end
        ("2026-11-01", "2033-05-01", None, ("LICENCE_OVER_6_YEARS",)),
        ("2027-06-01", "2033-08-01", "2027-05-01", ("LICENCE_OVER_6_YEARS",)),  # began after the old one had ended
        ("2027-05-02", "2033-05-02", "2027-05-01", ()),
        ("2026-11-01", "2029-05-01", "2027-05-01", ("LICENCE_UNDER_4_YEARS",)),
    ],
)
def test_a_licence_that_renews_early_is_judged_with_its_predecessors_end_in_view(
    begins: str, ends: str, predecessor: str | None, anomalies: tuple[str, ...]
) -> None:
    licence = Licence(day(begins), day(ends), None, day(predecessor) if predecessor else None)
    case = state(licence=(begins, ends), as_of="2028-01-01").case
    assert evaluate(replace(case, licence=licence), bundled()).anomalies == anomalies


@pytest.mark.parametrize(
    ("of", "months", "found"),
    [("2027-05-01", 6, "2026-11-01"), ("2027-08-31", 6, "2027-02-28"), ("2028-08-30", 6, "2028-02-29")],
)
def test_months_are_those_of_the_calendar(of: str, months: int, found: str) -> None:
    assert months_before(date.fromisoformat(of), months) == day(found)
