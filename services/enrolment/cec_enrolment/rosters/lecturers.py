"""Which lines the lecturer list 講師名單 of a course brings to its roster. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID, uuid5

import msgspec

from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import ApprovedCourse
from cec_enrolment.practitioners.domain import Practitioner
from cec_enrolment.rosters.domain import Attendance, Entry

LECTURER: Final = ParticipantRole.LECTURER
"""The list says that somebody lectures, and no more; a special lecture or a main report is recorded by the unit."""
_LINES: Final = UUID("6f2b1c1e-5d0a-5c3e-9b1f-3a7c0d5e8f42")


class LecturerLine(msgspec.Struct, frozen=True):
    """A line that the list brings. Its id follows from what it is about, so that the same news twice is one line."""

    course: ApprovedCourse
    practitioner_id: UUID
    entry: Entry

    @property
    def attendance_id(self) -> UUID:
        about = (self.course.course_id, self.practitioner_id, self.entry.profession, self.entry.role.value)
        return uuid5(_LINES, ":".join(map(str, about)))


def lines_due(
    course: ApprovedCourse, people: Mapping[UUID, Practitioner], lines: Iterable[Attendance]
) -> list[LecturerLine]:
    """A line for each lecturer and each of their professions that the approval gives points in this role.

    `people` are the practitioners by the ids that the list names; `lines` those on the roster, of theirs and of others. Who is
    recorded as a profession already stays as they are, and whom the unit has taken off in this role is not put back.
    """
    minutes: dict[UUID, int] = {}
    known: dict[UUID, Practitioner] = {}
    for named, own in course.lecturers.items():
        if (person := people.get(named)) is not None and person.active:
            known[person.practitioner_id] = person
            minutes[person.practitioner_id] = minutes.get(person.practitioner_id, 0) + own
    credited = course.professions_credited_for(LECTURER)
    lecturing = [line for line in lines if line.course_id == course.course_id and line.role == LECTURER]
    due: list[LecturerLine] = []
    for person in known.values():
        records = {person.practitioner_id, *person.former_ids}
        present = [line for line in lecturing if line.practitioner_id in records]
        if any(line.status == "withdrawn" for line in present):
            continue
        attended = minutes[person.practitioner_id]
        due.extend(
            LecturerLine(
                course,
                person.practitioner_id,
                Entry(profession, LECTURER, attended if attended < course.minutes else None),
            )
            for profession in sorted((credited & person.professions) - {line.profession for line in present})
        )
    return due
