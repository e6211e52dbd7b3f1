"""Who may stand on a roster, as which profession, in which role, for how many minutes."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.tokens import an_actor

from cec_chassis.problems import Refusal
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import (
    ApprovedCourse,
    CourseApprovalWithdrawn,
    CourseAward,
    NotYourRoster,
    RosterClosed,
    ensure_correctable,
    ensure_keeper,
    ensure_open,
)
from cec_enrolment.practitioners.domain import (
    Practitioner,
    PractitionerAmbiguous,
    PractitionerInactive,
    PractitionerUnknown,
    the_one,
)
from cec_enrolment.rosters.domain import (
    Entry,
    MinutesOutOfRange,
    ProfessionAmbiguous,
    ProfessionNotCredited,
    ProfessionNotHeld,
    RoleNotCredited,
    entry_for,
    minutes_within,
    profession_for,
)

UNIT, OTHER = UUID(int=1), UUID(int=2)
LEARNER, LECTURER, PRESENTER = ParticipantRole.LEARNER, ParticipantRole.LECTURER, ParticipantRole.PRESENTER
DEADLINE = date(2026, 3, 31)
AWARDS = frozenset(
    {
        CourseAward(profession="2", role=LEARNER),
        CourseAward(profession="D", role=LEARNER),
        CourseAward(profession="D", role=LECTURER),
    }
)


def course(*, minutes: int = 180, approved: bool = True) -> ApprovedCourse:
    """Credits dental technicians and dentists as learners, dentists as lecturers."""
    return ApprovedCourse(
        course_id=UUID(int=9),
        course_code="C202602010001",
        activity_id=UUID(int=8),
        offering_unit_id=UNIT,
        review_unit_id=OTHER,
        minutes=minutes,
        roster_deadline=DEADLINE,
        approved=approved,
        awards=AWARDS,
    )


def person(*professions: str, number: int = 1, active: bool = True) -> Practitioner:
    """A holder of certificates."""
    return Practitioner(UUID(int=number), f"P{number}", "林技師", "A12****789", frozenset(professions), active)


def test_the_only_credited_profession_is_taken_when_none_is_named() -> None:
    assert profession_for(course(), person("2", "N"), LEARNER, None, "body.") == "2"
    assert profession_for(course(), person("2", "D"), LECTURER, None, "body.") == "D"


@pytest.mark.parametrize(
    ("held", "role", "given_profession", "refusal", "path"),
    [
        ("2", PRESENTER, None, RoleNotCredited, "body.role"),
        ("2", PRESENTER, "2", RoleNotCredited, "body.role"),
        ("2", LEARNER, "D", ProfessionNotHeld, "body.profession"),
        ("2", LECTURER, "2", ProfessionNotCredited, "body.profession"),
        ("N", LEARNER, None, ProfessionNotCredited, "body.profession"),
        ("", LEARNER, None, ProfessionNotCredited, "body.profession"),
        ("2D", LEARNER, None, ProfessionAmbiguous, "body.profession"),
    ],
)
def test_a_profession_that_gets_no_points_or_is_unclear_is_refused(
    held: str, role: ParticipantRole, given_profession: str | None, refusal: type[Refusal], path: str
) -> None:
    with pytest.raises(refusal) as refused:
        profession_for(course(), person(*held), role, given_profession, "body.")

    assert [(error.path, error.slug) for error in refused.value.errors] == [(path, refusal.slug)]


@given(minutes=st.integers(-10, 400), length=st.integers(0, 300))
def test_minutes_are_kept_only_when_they_differ_from_the_course_and_lie_within(minutes: int, length: int) -> None:
    if minutes == length:
        assert minutes_within(course(minutes=length), minutes, "body.") is None
    elif 1 <= minutes < length:
        assert minutes_within(course(minutes=length), minutes, "body.") == minutes
    else:
        with pytest.raises(MinutesOutOfRange) as refused:
            minutes_within(course(minutes=length), minutes, "rows[7].")
        assert refused.value.errors[0].path == "rows[7].minutes"


def test_a_course_without_a_length_is_attended_without_minutes() -> None:
    assert entry_for(course(minutes=0), person("2"), LEARNER, None, None, "body.") == Entry("2", LEARNER, None)


@given(days=st.integers(-400, 400))
def test_a_roster_is_open_until_its_last_day_and_not_after(days: int) -> None:
    today = DEADLINE + timedelta(days=days)
    assert course().is_open_on(today) == (days <= 0)
    if days <= 0:
        ensure_open(course(), today)
    else:
        with pytest.raises(RosterClosed):
            ensure_open(course(), today)
        ensure_open(course(), today, after_deadline=True)


def test_a_withdrawn_approval_closes_the_roster_for_everybody() -> None:
    with pytest.raises(CourseApprovalWithdrawn):
        ensure_open(course(approved=False), DEADLINE, after_deadline=True)
    assert not course(approved=False).is_open_on(DEADLINE)


def test_a_roster_is_kept_by_its_own_unit_and_the_administrator() -> None:
    ensure_keeper(course(), an_actor("offering_unit", organisation_id=UNIT))
    ensure_keeper(course(), an_actor("system_administrator"))
    for stranger in (an_actor("offering_unit", organisation_id=OTHER), an_actor("offering_unit")):
        with pytest.raises(NotYourRoster):
            ensure_keeper(course(), stranger)


def test_only_the_administrator_corrects_after_the_deadline() -> None:
    after = DEADLINE + timedelta(days=1)
    ensure_correctable(course(), an_actor("system_administrator"), after)
    with pytest.raises(RosterClosed):
        ensure_correctable(course(), an_actor("offering_unit", organisation_id=UNIT), after)


def test_a_person_must_be_known_alone_and_active() -> None:
    assert the_one([person("2"), person("2")], "body.number").number == "P1"
    for found, refusal in (
        ([], PractitionerUnknown),
        ([person("2"), person("2", number=2)], PractitionerAmbiguous),
        ([person("2", active=False)], PractitionerInactive),
    ):
        with pytest.raises(refusal):
            the_one(found, "body.number")
