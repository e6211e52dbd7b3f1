"""What an import does with each row, given what the rosters hold already."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import ApprovedCourse, CourseAward
from cec_enrolment.imports.plan import RowPlan, decide, place
from cec_enrolment.imports.rows import RosterRow
from cec_enrolment.practitioners.domain import Practitioner
from cec_enrolment.rosters.domain import Attendance

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LEARNER = ParticipantRole.LEARNER
COURSE = ApprovedCourse(
    course_id=UUID(int=9),
    course_code="C202602010001",
    activity_id=UUID(int=8),
    offering_unit_id=UUID(int=1),
    review_unit_id=UUID(int=2),
    minutes=180,
    roster_deadline=date(2026, 3, 31),
    approved=True,
    awards=frozenset({CourseAward(profession=p, role=LEARNER) for p in "2D"}),
)
LIN = Practitioner(UUID(int=1), "P1", "林技師", "", frozenset("2D"), True)
WANG = Practitioner(UUID(int=2), "P2", "王醫師", "", frozenset("D"), True)
PEOPLE = {person.number: [person] for person in (LIN, WANG)}


def line(
    person: Practitioner, *, minutes: int | None = None, status: Literal["recorded", "withdrawn"] = "recorded"
) -> Attendance:
    """A line on the roster as a dentist."""
    return Attendance(
        attendance_id=UUID(int=100 + person.practitioner_id.int),
        course_id=COURSE.course_id,
        activity_id=COURSE.activity_id,
        practitioner_id=person.practitioner_id,
        profession="D",
        role=LEARNER,
        minutes=minutes,
        status=status,
        reason="",
        version=1,
        recorded_at=NOW,
        changed_at=NOW,
    )


def plans(rows: list[RosterRow], *lines: Attendance) -> list[RowPlan]:
    """What becomes of the rows."""
    held = {(each.course_id, each.practitioner_id, each.role): each for each in lines}
    return decide(place(rows, lambda _row: COURSE, {}, PEOPLE), held)


def row(number: str = "P2", at: int = 2, **said: int | str | None) -> RosterRow:
    """A row of a file."""
    return RosterRow(line=at, number=number, **said)  # type: ignore[arg-type]


def test_somebody_new_or_withdrawn_is_recorded() -> None:
    assert plans([row()])[0].status == "recorded"
    (plan,) = plans([row()], line(WANG, status="withdrawn"))
    assert plan.status == "recorded"
    assert plan.line is not None


def test_somebody_on_the_roster_stays_as_they_are_unless_the_row_says_otherwise() -> None:
    there = line(WANG, minutes=60)
    assert plans([row()], there)[0].status == "unchanged"
    assert plans([row(minutes=60, profession="D")], there)[0].status == "unchanged"
    assert plans([row(minutes=180)], line(WANG))[0].status == "unchanged"
    (plan,) = plans([row(minutes=180)], there)
    assert (plan.status, plan.entry and plan.entry.minutes) == ("corrected", None)


def test_another_profession_is_a_correction_and_keeps_the_minutes() -> None:
    (plan,) = plans([row("P1", profession="2")], line(LIN, minutes=60))

    assert plan.status == "corrected"
    assert plan.entry is not None
    assert (plan.entry.profession, plan.entry.minutes) == ("2", 60)


def test_an_ambiguous_profession_is_no_question_for_somebody_on_the_roster() -> None:
    assert plans([row("P1")])[0].errors[0].slug == "profession-ambiguous"
    assert plans([row("P1")], line(LIN))[0].status == "unchanged"


def test_a_refused_row_does_not_make_a_later_good_one_a_duplicate() -> None:
    first, second = plans([row(minutes=181), row(at=3, minutes=60)])

    assert (first.status, second.status) == ("refused", "recorded")


@given(
    rows=st.lists(
        st.builds(
            row,
            number=st.sampled_from(["P1", "P2", "P3"]),
            minutes=st.sampled_from([None, 60, 180, 181]),
            profession=st.sampled_from([None, "2", "D", "N"]),
        ),
        max_size=6,
    )
)
def test_whatever_was_agreed_to_changes_nothing_the_second_time(rows: list[RosterRow]) -> None:
    rows = [RosterRow(line=n, number=r.number, minutes=r.minutes, profession=r.profession) for n, r in enumerate(rows)]
    first = plans(rows)
    written = [
        Attendance(
            attendance_id=UUID(int=1000 + plan.row.line),
            course_id=COURSE.course_id,
            activity_id=COURSE.activity_id,
            practitioner_id=plan.placed.person.practitioner_id,
            profession=plan.entry.profession,
            role=plan.entry.role,
            minutes=plan.entry.minutes,
            status="recorded",
            reason="",
            version=1,
            recorded_at=NOW,
            changed_at=NOW,
        )
        for plan in first
        if plan.placed is not None and plan.entry is not None
    ]
    accepted = [plan.row for plan in first if plan.status != "refused"]

    assert {plan.status for plan in plans(accepted, *written)} <= {"unchanged"}
