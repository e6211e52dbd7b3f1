"""The regulation of another ministry is one more file: no code knows of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.credits.building import losses, points, record, state, totals

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.load import bundled, load_file

FILE = Path(__file__).parent / "rulesets" / "social_workers.toml"


@pytest.fixture(scope="module")
def book() -> RuleBook:
    """Every medical rule set, and the social workers'."""
    return RuleBook([*bundled(), load_file(FILE)])


def test_ethics_and_quality_need_eighteen_points_and_have_no_cap(book: RuleBook) -> None:
    records = [
        record("course", "SW-COURSE", minutes=5400, individual=True),
        record("law", "SW-COURSE", attribute="regulations", minutes=720, on="2020-06-01"),
        record("ethics", "SW-COURSE", attribute="ethics", minutes=1080, on="2020-07-01"),
    ]
    statement = state(*records, profession="SW", book=book)
    assert [(line.key, str(line.target), str(line.current), line.met) for line in statement.requirements] == [
        ("total", "120", "120.00", True),
        ("limited", "18", "18.00", True),
        ("face_to_face", "60", "120.00", True),
    ]
    assert statement.met


def test_lines_that_another_regulation_does_not_know_are_in_no_statement_and_those_of_the_medical_ones_stay(
    book: RuleBook,
) -> None:
    """Of the five, only the pharmacists' own regulation until the end of 2015 knew one alone: its total."""
    five = ["total", "professional", "limited", "infection_control", "gender"]
    for rule_set in bundled():
        for code in rule_set.professions:
            keys = [line.key for line in state(profession=code, as_of=str(rule_set.effective_from)).requirements]
            expected = five if rule_set.id != "PHARM2009" else ["total", "face_to_face"]
            assert keys[: len(expected)] == expected, (rule_set.id, code)
    assert [line.key for line in state(profession="SW", book=book).requirements] == [
        "total",
        "limited",
        "face_to_face",
    ]


def test_a_credit_hour_of_sixty_minutes_is_rounded_half_up_to_a_hundredth(book: RuleBook) -> None:
    assert points(state(record(method="SW-COURSE", minutes=50), profession="SW", book=book)) == "0.83"
    assert points(state(record(method="SW-COURSE", minutes=55), profession="SW", book=book)) == "0.92"


def test_an_area_may_multiply_some_methods_only(book: RuleBook) -> None:
    statement = state(
        record("a", "SW-COURSE", minutes=60),
        record("b", "SW-ONLINE", quantity=1),
        profession="SW",
        book=book,
        areas=[("2000-01-01", "remote")],
    )
    assert (points(statement, "a"), points(statement, "b")) == ("1.20", "1.00")


def test_methods_may_share_a_cap_and_have_their_own_besides(book: RuleBook) -> None:
    statement = state(
        record("a", "SW-ONLINE", quantity=35, on="2020-01-01"),
        record("b", "SW-PAPER", role="first_author", quantity=2, on="2020-05-01"),
        record("c", "SW-PAPER", role="first_author", quantity=1, on="2021-05-01"),
        profession="SW",
        book=book,
    )
    assert totals(statement) == ("40.00", "25.00")
    assert losses(statement, "a") == [("method_cap", "COUNTED_PARTIAL_CAP_METHOD", "5.00")]
    assert losses(statement, "b") == [("period_cap", "COUNTED_PARTIAL_CAP_PERIOD", "10.00")]
    assert losses(statement, "c") == [("method_cap", "CAPPED_METHOD", "10.00")]


def test_what_its_own_cap_takes_does_not_use_up_the_shared_one(book: RuleBook) -> None:
    statement = state(
        record("a", "SW-ONLINE", quantity=1000, on="2020-01-01"),
        record("b", "SW-PAPER", role="first_author", quantity=1, on="2020-05-01"),
        profession="SW",
        book=book,
    )
    assert losses(statement, "b") == []


def test_an_international_setting_may_double_points(book: RuleBook) -> None:
    assert (
        points(state(record(method="SW-ONLINE", quantity=1, international=True), profession="SW", book=book)) == "2.00"
    )


def test_overlapping_hours_beyond_the_tolerance_cost_the_record_that_is_worth_less(book: RuleBook) -> None:
    statement = state(
        record("short", "SW-COURSE", minutes=60, at="10:00", until="11:00"),
        record("long", "SW-COURSE", minutes=180, at="09:00", until="12:00"),
        record("touching", "SW-COURSE", minutes=60, at="11:55", until="13:00"),
        profession="SW",
        book=book,
    )
    assert totals(statement) == ("4.00", "1.00")
    assert losses(statement, "short") == [("overlap", "OVERLAP_TIME", "1.00")]
