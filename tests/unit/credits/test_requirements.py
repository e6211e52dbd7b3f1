"""The five lines, what stands in them, and the verdict."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.credits.building import entry, losses, record, state, totals

from cec_credits.statements.domain import Statement

ASSISTANTS = ["K", "T", "U", "W", "4", "6"]
OTHERS = [*"ABCDEFGHIJQRSVXYZ", "1", "2", "3", "5"]


def lines(statement: Statement) -> dict[str, tuple[str, str, str | None, bool]]:
    """Target, current, cap and met of each line."""
    return {
        line.key: (str(line.target), str(line.current), None if line.cap is None else str(line.cap), line.met)
        for line in statement.requirements
    }


def standing(professional: str, limited: str, *, flags: bool = True, **rest: Any) -> Statement:
    """A statement with so many professional and quality points, each flag on one quality course."""
    return state(
        record("pro", points=professional, on="2020-01-01"),
        record("qel", attribute="quality", points=limited, on="2020-02-01", infection_control=flags, gender=flags),
        **rest,
    )


@pytest.mark.parametrize("profession", OTHERS)
def test_a_hundred_and_twenty_points_with_twelve_to_twenty_four_of_the_limited_group(profession: str) -> None:
    found = lines(standing("96", "24", profession=profession))
    assert found["total"] == ("120", "120.00", None, True)
    assert found["professional"] == ("96", "96.00", None, True)
    assert found["limited"] == ("12", "24.00", "24", True)
    assert standing("96", "24", profession=profession).met
    assert not standing("95.99", "24", profession=profession).met
    assert standing("108", "12", profession=profession).met
    assert not standing("108.01", "11.99", profession=profession).met


@pytest.mark.parametrize("profession", ASSISTANTS)
def test_seventy_two_points_with_seven_to_fourteen_for_assistants(profession: str) -> None:
    found = lines(standing("58", "14", profession=profession))
    assert found["total"] == ("72", "72.00", None, True)
    assert found["professional"] == ("58", "58.00", None, True)
    assert found["limited"] == ("7", "14.00", "14", True)
    assert standing("65", "7", profession=profession).met
    assert not standing("65.02", "6.98", profession=profession).met
    assert not standing("57.98", "14", profession=profession).met


def test_what_the_limited_group_has_above_its_cap_is_valid_and_adds_nothing() -> None:
    statement = standing("100", "58.80")
    assert (totals(statement), str(statement.counted)) == (("158.80", "0.00"), "124.00")
    assert str(statement.quality_ethics_regulations) == "58.80"
    assert losses(statement, "qel") == [("group_cap", "COUNTED_PARTIAL_CAP_QEL", "34.80")]
    assert entry(statement, "qel").state == "valid"


def test_the_second_line_is_necessary_and_not_sufficient() -> None:
    statement = standing("100", "15")
    assert [line.met for line in statement.requirements] == [False, True, True, True, True]
    assert not statement.met


def test_without_a_course_on_infection_control_and_one_on_gender_the_standard_is_not_met() -> None:
    statement = standing("150.10", "18.00", flags=False, licence=("2017-09-28", "2023-09-27"), as_of="2022-04-28")
    assert (totals(statement), str(statement.counted)) == (("168.10", "0.00"), "168.10")
    assert [line.met for line in statement.requirements] == [True, True, True, False, False]
    assert not statement.met


def test_one_course_with_both_flags_counts_for_both() -> None:
    statement = standing("108", "12")
    assert (statement.infection_control_courses, statement.gender_courses) == (1, 1)


@pytest.mark.parametrize("attribute", ["quality", "ethics", "regulations"])
def test_flags_count_on_quality_ethics_and_regulations(attribute: str) -> None:
    statement = state(record(attribute=attribute, infection_control=True, gender=True))
    assert (statement.infection_control_courses, statement.gender_courses) == (1, 1)


def test_a_flag_on_a_professional_course_does_not_count() -> None:
    statement = state(record(infection_control=True, gender=True))
    assert (statement.infection_control_courses, statement.gender_courses) == (0, 0)


@pytest.mark.parametrize(
    "rest", [{"void": "APPROVAL_WITHDRAWN"}, {"on": "2010-01-01"}, {"on": "2022-12-01"}, {"profession": "A"}]
)
def test_a_flag_on_a_record_that_brings_nothing_does_not_count(rest: dict[str, Any]) -> None:
    statement = state(record(attribute="quality", infection_control=True, gender=True, **rest))
    assert (statement.infection_control_courses, statement.gender_courses) == (0, 0)


def test_a_flag_counts_on_a_record_beyond_the_cap_of_the_limited_group() -> None:
    statement = state(
        record("a", attribute="quality", points=30, on="2018-01-01"),
        record("b", attribute="ethics", points=1, on="2019-01-01", gender=True),
    )
    assert losses(statement, "b") == [("group_cap", "CAPPED_QEL", "1.00")]
    assert statement.gender_courses == 1


def test_a_flag_counts_on_what_a_method_cap_left_and_not_where_it_left_nothing() -> None:
    statement = state(
        record("a", "M05", attribute="quality", quantity=79, on="2018-01-01"),
        record("b", "M05", attribute="quality", quantity=2, on="2019-01-01", infection_control=True),
        record("c", "M05", attribute="quality", quantity=2, on="2020-01-01", gender=True),
    )
    assert (statement.infection_control_courses, statement.gender_courses) == (1, 0)


def test_courses_are_counted_and_not_records() -> None:
    statement = state(
        record("a", attribute="quality", role="lecturer", course="x", infection_control=True),
        record("b", attribute="quality", role="special_lecturer", points=1, course="x", infection_control=True),
        record("c", attribute="quality", course="y", infection_control=True, on="2020-06-01"),
    )
    assert statement.infection_control_courses == 2


def test_totals_by_attribute_by_method_and_crossed_agree() -> None:
    statement = state(
        record("a", minutes=100),
        record("b", "M05", attribute="quality", quantity=90, on="2020-06-01"),
        record("c", "M05", quantity=3, on="2022-12-01"),
    )
    by_method, by_attribute = statement.by_method(), statement.by_attribute()
    assert {key: str(value.valid) for key, value in by_method.items()} == {"M01": "2.00", "M05": "80.00"}
    assert {key: str(value.invalid) for key, value in by_method.items()} == {"M01": "0.00", "M05": "10.00"}
    assert {key: str(value.pending) for key, value in by_attribute.items()} == {
        "professional": "3.00",
        "quality": "0.00",
    }
    assert str(statement.cells["M05", "quality"].counted) == "24.00"
    for totals_by in (by_method, by_attribute):
        assert sum(each.valid for each in totals_by.values()) == statement.valid
        assert sum(each.counted for each in totals_by.values()) == statement.counted
