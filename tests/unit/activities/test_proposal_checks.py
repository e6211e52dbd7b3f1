"""The rules of the form, each with the path of the field that breaks it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.activities.builders import NINE, NOON, SUBMITTED, a_course, a_lecturer, a_proposal, settle

from cec_activities.activities.checks import proposal_errors, submission_errors
from cec_activities.activities.domain import Course, Lecturer
from cec_activities.activities.professions import PROFESSIONS
from cec_activities.activities.proposal import Proposal
from cec_activities.organisations.domain import Organisation


def faults(
    proposal: Proposal,
    practitioners: tuple[str, ...] = (),
    courses: dict[UUID, Course] | None = None,
    lecturers: dict[UUID, Lecturer] | None = None,
) -> list[tuple[str, str]]:
    errors = proposal_errors(proposal, practitioners=practitioners, courses=courses or {}, lecturers=lecturers or {})
    assert all(" / " in error.message for error in errors), "every message is in both languages"
    return [(error.path, error.slug) for error in errors]


def test_a_sound_proposal_has_no_errors() -> None:
    lecturer = a_lecturer(starts_at=NINE + timedelta(hours=1), practitioner_number="P1")
    assert faults(a_proposal(a_course(minutes=150, lecturers=[lecturer])), practitioners=("P1",)) == []


@pytest.mark.parametrize("county", ["foo", "東京都"])
def test_a_county_that_there_is_not_is_told(county: str) -> None:
    assert faults(msgspec.structs.replace(a_proposal(), county=county)) == [("body.county", "unknown-county")]


def test_a_draft_may_be_without_courses() -> None:
    assert faults(a_proposal()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ends_at": NINE}, ("ends_at", "ends-before-start")),
        ({"ends_at": NINE - timedelta(hours=1)}, ("ends_at", "ends-before-start")),
        ({"ends_at": NINE + timedelta(seconds=59)}, ("ends_at", "too-short")),
        ({"minutes": 181}, ("minutes", "longer-than-course")),
        ({"starts_at": NINE - timedelta(days=1)}, ("starts_at", "outside-activity")),
        ({"ends_at": NINE + timedelta(days=2)}, ("ends_at", "outside-activity")),
    ],
)
def test_a_course_that_breaks_a_rule_is_told_at_its_field(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert faults(a_proposal(a_course(), a_course(**changes))) == [(f"body.courses[1].{expected[0]}", expected[1])]


@pytest.mark.parametrize("year", [1, 26, 1989, 2200, 9999])
def test_a_year_no_activity_can_lie_in_is_told_and_does_no_harm(year: int) -> None:
    proposal = a_proposal(
        a_course(starts_at=NINE.replace(year=year), ends_at=NINE.replace(year=year, hour=23)),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )
    assert faults(proposal) == [
        ("body.starts_on", "out-of-range"),
        ("body.ends_on", "out-of-range"),
        ("body.courses[0].starts_at", "out-of-range"),
        ("body.courses[0].ends_at", "out-of-range"),
    ]


@pytest.mark.parametrize("year", [1, 9999])
def test_a_lecture_in_an_impossible_year_lies_outside_its_course(year: int) -> None:
    lecturer = a_lecturer(starts_at=NINE.replace(year=year), ends_at=NOON.replace(year=year))
    assert {slug for _, slug in faults(a_proposal(a_course(lecturers=[lecturer])))} == {"outside-course"}


def test_the_days_of_an_activity_are_days_in_taipei() -> None:
    early = datetime(2026, 3, 31, 16, tzinfo=timezone.utc)  # noqa: UP017 - midnight in Taipei, written in UTC on purpose
    assert faults(a_proposal(a_course(starts_at=early))) == []
    assert faults(a_proposal(a_course(starts_at=early - timedelta(seconds=1)))) == [
        ("body.courses[0].starts_at", "outside-activity")
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"starts_at": NINE - timedelta(minutes=1)}, ("starts_at", "outside-course")),
        ({"ends_at": NOON + timedelta(minutes=1)}, ("ends_at", "outside-course")),
        ({"starts_at": NOON}, ("ends_at", "ends-before-start")),
        ({"practitioner_number": "P9"}, ("practitioner_number", "unknown-practitioner")),
    ],
)
def test_a_lecturer_who_breaks_a_rule_is_told_at_its_field(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    proposal = a_proposal(a_course(lecturers=[a_lecturer(), a_lecturer(**changes)]))
    assert faults(proposal, practitioners=("P1",)) == [(f"body.courses[0].lecturers[1].{expected[0]}", expected[1])]


def test_parts_of_another_activity_and_parts_named_twice_are_refused() -> None:
    mine, foreign = UUID(int=10), UUID(int=11)
    present = {course.course_id: course for course in settle(a_proposal(a_course()), ids=[mine])}
    courses = [a_course(course_id=mine), a_course(course_id=foreign), a_course(course_id=mine)]
    lecturer = a_lecturer(lecturer_id=UUID(int=12))
    assert faults(a_proposal(*courses, a_course(lecturers=[lecturer])), courses=present) == [
        ("body.courses[1].course_id", "not-of-this-activity"),
        ("body.courses[2].course_id", "duplicate"),
        ("body.courses[3].lecturers[0].lecturer_id", "not-of-this-activity"),
    ]


@given(st.sampled_from([chr(number) for number in range(ord("1"), ord("Z") + 1)]))
def test_only_professions_of_the_regulation_are_known(code: str) -> None:
    assert (faults(a_proposal(professions=[code])) == []) == (code in PROFESSIONS)


def test_what_a_published_rule_set_covers_is_known_beside_them_and_the_others_are_listed() -> None:
    def errors(code: str) -> list[str]:
        found = proposal_errors(
            a_proposal(professions=["2", code]), practitioners=(), covered=["SW", "2"], courses={}, lecturers={}
        )
        return [error.message for error in found]

    assert errors("SW") == []
    [message] = errors("XX")
    assert message.endswith("There is no profession XX; there are: " + ", ".join(sorted([*PROFESSIONS, "SW"])))


def test_the_regulation_names_twenty_seven_professions() -> None:
    assert len(PROFESSIONS) == 27


@given(st.integers(min_value=1, max_value=3 * 24 * 60))
def test_minutes_left_out_are_the_whole_duration(minutes: int) -> None:
    proposal = a_proposal(a_course(ends_at=NINE + timedelta(minutes=minutes, seconds=30)))
    [course] = settle(proposal)
    assert course.minutes == minutes


def test_a_unit_that_has_not_said_what_it_reviews_is_taken_to_review_all() -> None:
    unit = Organisation(
        organisation_id=UUID(int=3),
        name="公會全聯會",
        offers_courses=False,
        reviews_courses=True,
        reviews_professions=frozenset(),
        active=True,
    )
    activity = msgspec.structs.replace(SUBMITTED, courses=settle(a_proposal(a_course())))

    assert submission_errors(activity, unit) == []
    other = msgspec.structs.replace(unit, reviews_professions=frozenset("AB"))
    assert [error.path for error in submission_errors(activity, other)] == ["activity.professions[0]"]
    closed = msgspec.structs.replace(unit, active=False)
    assert [error.slug for error in submission_errors(activity, closed)] == ["unknown-review-unit"]
