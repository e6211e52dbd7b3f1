"""What the rules suggest for a course."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cec_contracts.credits import Rate
from cec_contracts.vocabulary import Method, ParticipantRole
from cec_review.points.formula import Formula, reckon
from cec_review.rulesets.domain import RuleSet, Suggestion, rules_for, suggestions

Per = Literal["hour", "time", "item", "academic_credit", "day", "week", "year"]


def a_rate(method: Method, role: ParticipantRole, per: Per, points: str) -> Rate:
    return Rate(method=method, role=role, per=per, points=Decimal(points))


RATES = [
    a_rate(Method.M01, ParticipantRole.LEARNER, "hour", "1"),
    a_rate(Method.M01, ParticipantRole.LECTURER, "hour", "5"),
    a_rate(Method.M02, ParticipantRole.LEARNER, "hour", "2"),
    a_rate(Method.M02, ParticipantRole.FIRST_AUTHOR, "item", "3"),
    a_rate(Method.M02, ParticipantRole.SPECIAL_LECTURER, "time", "10"),
    a_rate(Method.M05, ParticipantRole.LEARNER, "time", "1"),
    a_rate(Method.M08, ParticipantRole.LEARNER, "academic_credit", "5"),
    a_rate(Method.M11, ParticipantRole.LEARNER, "day", "2"),
    a_rate(Method.M11, ParticipantRole.LEARNER, "week", "5"),
]


def a_rule_set(rule_set_id: str, effective_from: date, professions: str = "AB2") -> RuleSet:
    return RuleSet(
        rule_set_id=rule_set_id,
        effective_from=effective_from,
        minutes_per_credit_hour=50,
        professions=frozenset(professions),
        rates=RATES,
    )


OLD = a_rule_set("R2015", date(2015, 12, 30))
NEW = a_rule_set("R2022", date(2022, 8, 26), professions="AB25")


def points_of(rate: Rate, minutes: int, hour: int, own: Formula | None = None) -> Decimal:
    return reckon(rate, minutes, hour, "R2022", own or Formula()).points


def points(found: list[Suggestion]) -> dict[str, str]:
    return {suggestion.role: str(suggestion.points) for suggestion in found}


def suggest(method: Method, minutes: int = 180, professions: str = "B") -> list[Suggestion]:
    return suggestions([OLD, NEW], method, minutes, professions, date(2026, 4, 1))


def test_180_minutes_give_a_learner_3_60_and_a_lecturer_five_times_as_much() -> None:
    assert points(suggest(Method.M01)) == {"learner": "3.60", "lecturer": "18.00"}


@pytest.mark.parametrize(
    ("minutes", "learner"), [(90, "1.80"), (360, "7.20"), (30, "0.60"), (50, "1.00"), (431, "8.62")]
)
def test_published_courses_give_their_published_points(minutes: int, learner: str) -> None:
    assert points(suggest(Method.M01, minutes))["learner"] == learner


def test_a_role_paid_by_the_piece_does_not_depend_on_the_length() -> None:
    assert points(suggest(Method.M02, 50)) == {"learner": "2.00", "first_author": "3.00", "special_lecturer": "10.00"}
    assert points(suggest(Method.M05, 999)) == {"learner": "1.00"}


@pytest.mark.parametrize("method", [Method.M08, Method.M11, Method.M13])
def test_nothing_is_suggested_where_a_course_does_not_say_how_much(method: Method) -> None:
    assert suggest(method) == []


def test_every_profession_applied_for_has_its_own_suggestion() -> None:
    assert [(each.profession, each.role) for each in suggest(Method.M01, professions="BA")] == [
        ("A", "learner"),
        ("A", "lecturer"),
        ("B", "learner"),
        ("B", "lecturer"),
    ]


@pytest.mark.parametrize(
    ("ended_on", "rule_set", "in_force"),
    [
        (date(2022, 8, 26), "R2022", True),
        (date(2022, 8, 25), "R2015", True),
        (date(2015, 12, 30), "R2015", True),
        (date(2012, 1, 3), "R2015", False),
    ],
)
def test_the_rule_set_of_the_courses_last_day_is_used(ended_on: date, rule_set: str, in_force: bool) -> None:
    for order in ([OLD, NEW], [NEW, OLD]):
        found = rules_for(order, "B", ended_on)
        assert found is not None
        assert (found[0].rule_set_id, found[1]) == (rule_set, in_force)


def test_a_profession_the_earlier_rules_did_not_cover_gets_the_first_that_does() -> None:
    found = rules_for([OLD, NEW], "5", date(2020, 1, 1))
    assert found is not None
    assert (found[0].rule_set_id, found[1]) == ("R2022", False)
    assert rules_for([OLD, NEW], "L", date(2026, 1, 1)) is None


def test_a_rate_that_names_the_profession_is_taken_before_one_for_everybody() -> None:
    both = [
        a_rate(Method.M04, ParticipantRole.LEARNER, "hour", "1"),
        Rate(
            method=Method.M04,
            role=ParticipantRole.LEARNER,
            per="hour",
            points=Decimal(2),
            professions=["A"],
        ),
        Rate(
            method=Method.M04,
            role=ParticipantRole.PRESENTER,
            per="time",
            points=Decimal(3),
            professions=["A"],
        ),
    ]
    rules = msgspec.structs.replace(NEW, rates=both)
    found = suggestions([rules], Method.M04, 50, ["A", "B"], date(2026, 4, 1))
    assert [(each.profession, each.role, str(each.points)) for each in found] == [
        ("A", "learner", "2.00"),
        ("A", "presenter", "3.00"),
        ("B", "learner", "1.00"),
    ]


def test_a_third_of_a_point_is_rounded_half_up() -> None:
    hourly = a_rate(Method.M01, ParticipantRole.LEARNER, "hour", "1")
    assert points_of(hourly, 1, 60) == Decimal("0.02")
    assert points_of(hourly, 1, 200) == Decimal("0.01")
    assert points_of(hourly, 1, 201) == Decimal("0.00")


def test_a_course_too_short_for_a_hundredth_gets_no_suggestion() -> None:
    tiny = RuleSet(
        rule_set_id="R",
        effective_from=date(2000, 1, 1),
        minutes_per_credit_hour=1000,
        professions=frozenset("B"),
        rates=RATES,
    )
    assert points(suggestions([tiny], Method.M01, 1, "B", date(2026, 1, 1))) == {"lecturer": "0.01"}


@given(minutes=st.integers(min_value=1, max_value=100_000), rate=st.sampled_from(["1", "2", "5"]))
def test_with_fifty_minutes_an_hour_no_rounding_ever_happens(minutes: int, rate: str) -> None:
    hourly = a_rate(Method.M01, ParticipantRole.LEARNER, "hour", rate)
    assert points_of(hourly, minutes, 50) * 50 == Decimal(rate) * minutes


@pytest.mark.parametrize(
    ("hour", "step", "minutes", "expected"),
    [
        (None, None, 170, "3.40"),
        (60, None, 170, "2.83"),
        (None, 30, 170, "3.00"),
        (60, 30, 170, "2.50"),
        (60, 30, 180, "3.00"),
        (50, 50, 99, "1.00"),
        (None, 30, 29, "0.00"),
    ],
)
def test_a_unit_may_settle_its_credit_hour_and_count_whole_steps_only(
    hour: int | None, step: int | None, minutes: int, expected: str
) -> None:
    hourly = a_rate(Method.M01, ParticipantRole.LEARNER, "hour", "1")
    assert points_of(hourly, minutes, 50, Formula(minutes_per_credit_hour=hour, minute_step=step)) == Decimal(expected)


def test_a_suggestion_says_whose_formula_gave_it_in_both_languages() -> None:
    hourly = a_rate(Method.M01, ParticipantRole.LECTURER, "hour", "5")
    by_the_rules = reckon(hourly, 180, 50, "R2022")
    assert by_the_rules.formula_of == "rule_set"
    assert by_the_rules.formula.zh == "規則版本（R2022 每小時 5 點）：180 分鐘 ÷ 50 × 5"
    assert by_the_rules.formula.en == "By the rule set (R2022, 5 an hour): 180 minutes ÷ 50 × 5"
    by_the_unit = reckon(hourly, 170, 50, "R2022", Formula(minutes_per_credit_hour=60, minute_step=30))
    assert by_the_unit.formula_of == "review_unit"
    assert by_the_unit.formula.zh == "審查單位設定（R2022 每小時 5 點）：170 分鐘以每 30 分鐘為單位計 150 分鐘 ÷ 60 × 5"
    assert by_the_unit.formula.en == (
        "As the review unit has settled (R2022, 5 an hour): 170 minutes in whole steps of 30 are 150 minutes ÷ 60 × 5"
    )


def test_what_is_paid_by_the_time_is_the_rule_sets_whatever_the_unit_has_settled() -> None:
    each = a_rate(Method.M02, ParticipantRole.SPECIAL_LECTURER, "time", "10")
    reckoned = reckon(each, 50, 50, "R2022", Formula(minutes_per_credit_hour=60, minute_step=30))
    assert (reckoned.points, reckoned.formula_of) == (Decimal("10.00"), "rule_set")
    assert "10" in reckoned.formula.zh
    assert "10" in reckoned.formula.en


def test_a_course_shorter_than_a_step_gets_no_suggestion() -> None:
    assert suggestions([NEW], Method.M01, 29, "B", date(2026, 4, 1), Formula(minute_step=30)) == []
