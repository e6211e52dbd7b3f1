"""Who of a course's lecturers is a practitioner, and for how long they lecture."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from cec_contracts.activities import Course, Lecturer
from cec_contracts.vocabulary import Attribute
from cec_review.approvals.lecturers import lecturers_of

LIN, WANG = UUID(int=0xA1), UUID(int=0xA2)


def at(clock: str) -> datetime:
    hour, minute, second = (int(part) for part in f"{clock}:00".split(":")[:3])
    return datetime(2026, 4, 1, hour, minute, second, tzinfo=UTC)


def lecturer(person: UUID | None, begins: str, ends: str) -> Lecturer:
    return Lecturer(
        lecturer_id=UUID(int=1), name="講師", practitioner_id=person, starts_at=at(begins), ends_at=at(ends)
    )


def minutes(*lecturers: Lecturer, creditable: int = 180) -> dict[UUID, int]:
    """Of a course from one to four o'clock."""
    course = Course(
        course_id=UUID(int=9),
        code="C1",
        title="新知",
        attribute=Attribute.PROFESSIONAL,
        infection_control=False,
        gender=False,
        starts_at=at("01:00"),
        ends_at=at("04:00"),
        minutes=creditable,
        lecturers=list(lecturers),
    )
    return {found.practitioner_id: found.minutes for found in lecturers_of(course)}


def test_each_lecturer_has_the_minutes_of_their_own_part() -> None:
    assert minutes(lecturer(WANG, "01:00", "02:00"), lecturer(LIN, "02:00", "04:00")) == {LIN: 120, WANG: 60}


def test_who_is_no_practitioner_is_left_out() -> None:
    assert minutes(lecturer(None, "01:00", "04:00")) == {}


@pytest.mark.parametrize(
    ("parts", "together"),
    [
        ((("01:00", "02:00"), ("03:00", "04:00")), 120),
        ((("03:00", "04:00"), ("01:00", "02:00")), 120),
        ((("01:00", "03:00"), ("02:00", "03:30")), 150),
        ((("01:00", "04:00"), ("02:00", "03:00"), ("02:30", "03:30")), 180),
    ],
)
def test_several_parts_of_one_person_add_up_and_shared_time_counts_once(
    parts: tuple[tuple[str, str], ...], together: int
) -> None:
    assert minutes(*(lecturer(LIN, begins, ends) for begins, ends in parts)) == {LIN: together}


def test_nobody_lectures_longer_than_the_course_counts() -> None:
    """Its breaks are no lecture: three hours that count as 150 minutes."""
    assert minutes(lecturer(LIN, "01:00", "04:00"), creditable=150) == {LIN: 150}


def test_a_started_minute_does_not_count() -> None:
    assert minutes(lecturer(LIN, "01:00", "01:50:59"), lecturer(WANG, "01:00", "01:00:30")) == {LIN: 50}
