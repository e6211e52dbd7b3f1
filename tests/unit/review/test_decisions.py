"""What is wrong with a decision, told at its field; and how long a roster stays open."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from cec_contracts.activities import Activity, Course
from cec_contracts.vocabulary import Attribute, Method, ParticipantRole
from cec_review.cases.decision import CourseDecision, Decision, decided_awards, decision_errors
from cec_review.points.domain import Award, RequestedAward, awards_of
from cec_review.policies.domain import roster_deadline

FIRST, SECOND = UUID(int=1), UUID(int=2)
LEARNER = Award(profession="B", role=ParticipantRole.LEARNER, points=Decimal("3.60"))
SUGGESTED = {FIRST: [LEARNER], SECOND: [LEARNER]}


def a_course(course_id: UUID) -> Course:
    return Course(
        course_id=course_id,
        code=f"C{course_id.int}",
        title="新知",
        attribute=Attribute.PROFESSIONAL,
        infection_control=False,
        gender=False,
        starts_at=datetime(2026, 4, 1, 1, tzinfo=UTC),
        ends_at=datetime(2026, 4, 1, 4, tzinfo=UTC),
        minutes=180,
    )


ACTIVITY = Activity(
    activity_id=UUID(int=9),
    code="S1",
    title="研討會",
    offering_unit_id=UUID(int=8),
    offering_unit_name="甲醫事學會",
    review_unit_id=UUID(int=7),
    method=Method.M01,
    professions=["B"],
    starts_on=date(2026, 4, 1),
    ends_on=date(2026, 4, 1),
    county="臺北市",
    status="submitted",
    submission=1,
    submitted_at=datetime(2026, 3, 1, tzinfo=UTC),
    courses=[a_course(FIRST), a_course(SECOND)],
)


def an_award(profession: str = "B", role: str = "learner", points: str = "3.60") -> RequestedAward:
    return RequestedAward(profession=profession, role=ParticipantRole(role), points=points)


def faults(decision: Decision, suggested: dict[UUID, list[Award]] | None = None) -> list[tuple[str, str]]:
    errors = decision_errors(decision, ACTIVITY, SUGGESTED if suggested is None else suggested)
    assert all(" / " in error.message for error in errors), "every message is in both languages"
    return [(error.path, error.slug) for error in errors]


def test_a_pass_may_say_nothing_more() -> None:
    assert faults(Decision(decision="pass")) == []
    assert decided_awards(Decision(decision="pass"), SUGGESTED) == SUGGESTED


def test_points_sent_in_win_over_suggested_ones() -> None:
    decision = Decision(
        decision="pass",
        courses=[CourseDecision(course_id=FIRST, awards=[an_award(points="2.5")]), CourseDecision(course_id=SECOND)],
    )

    decided = decided_awards(decision, SUGGESTED)

    assert [str(award.points) for award in decided[FIRST]] == ["2.50"]
    assert decided[SECOND] == [LEARNER]


@pytest.mark.parametrize("word", ["fail", "return"])
def test_a_refusal_needs_a_reason_and_gives_no_points(word: Any) -> None:
    decision = Decision(decision=word, comment="  ", courses=[CourseDecision(course_id=FIRST)])
    assert faults(decision) == [("body.comment", "required"), ("body.courses", "only-on-pass")]
    assert faults(Decision(decision=word, comment="請補件")) == []


def test_everything_wrong_with_points_is_told_at_its_field() -> None:
    decision = Decision(
        decision="pass",
        courses=[
            CourseDecision(course_id=FIRST, awards=[an_award(), an_award("A"), an_award(points="0.00"), an_award()]),
            CourseDecision(course_id=UUID(int=3)),
            CourseDecision(course_id=FIRST, awards=[]),
        ],
    )
    assert faults(decision) == [
        ("body.courses[0].awards[1].profession", "profession-not-applied-for"),
        ("body.courses[0].awards[2]", "duplicate"),
        ("body.courses[0].awards[2].points", "not-positive"),
        ("body.courses[0].awards[3]", "duplicate"),
        ("body.courses[1].course_id", "unknown-course"),
        ("body.courses[2].course_id", "duplicate"),
        ("body.courses[2].awards", "required"),
    ]


def test_a_course_without_any_suggestion_needs_points() -> None:
    named = Decision(decision="pass", courses=[CourseDecision(course_id=SECOND)])
    assert faults(named, {FIRST: [LEARNER], SECOND: []}) == [("body.courses[0].awards", "awards-required")]
    assert faults(Decision(decision="pass"), {FIRST: [], SECOND: [LEARNER]}) == [("body.courses", "awards-required")]


@pytest.mark.parametrize("points", ["3.605", "1e2", "-1", "NaN", "", "12345", " 3", "3.", "٣"])
def test_points_with_other_than_two_decimals_are_no_points(points: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"profession": "B", "role": "learner", "points": points}, RequestedAward)


def test_points_as_a_number_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"profession": "B", "role": "learner", "points": 3.6}, RequestedAward)


def test_awards_are_kept_in_one_order_whatever_order_they_came_in() -> None:
    one, two = an_award("A", "lecturer"), an_award("B", "learner")
    assert awards_of([two, one]) == awards_of([one, two])


@pytest.mark.parametrize(
    ("ends_at", "decided_at", "days", "deadline"),
    [
        # decided before the course: 60 days after the course
        (datetime(2021, 4, 2, 9, tzinfo=UTC), datetime(2021, 3, 1, tzinfo=UTC), 60, date(2021, 6, 1)),
        # decided long after it: the unit's days after the decision
        (datetime(2021, 4, 2, 9, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC), 14, date(2021, 7, 15)),
        # both days are Taipei's
        (datetime(2021, 4, 1, 16, tzinfo=UTC), datetime(2021, 3, 1, tzinfo=UTC), 60, date(2021, 6, 1)),
        (datetime(2021, 4, 1, 9, tzinfo=UTC), datetime(2021, 5, 31, 16, tzinfo=UTC), 1, date(2021, 6, 2)),
    ],
)
def test_a_roster_stays_open_for_the_longer_of_two_terms(
    ends_at: datetime, decided_at: datetime, days: int, deadline: date
) -> None:
    assert roster_deadline(ends_at, decided_at, days) == deadline
