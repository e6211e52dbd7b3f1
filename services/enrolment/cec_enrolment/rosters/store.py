"""The lines of all rosters, each an aggregate of its own with a version. The tables are in `tables.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import ApprovedCourse
from cec_enrolment.practitioners.domain import Practitioner
from cec_enrolment.rosters.domain import Attendance, AttendanceNotFound, Entry
from cec_enrolment.rosters.lecturers import LECTURER, LecturerLine

COLUMNS = """
attendances.attendance_id, attendances.course_id, attendances.activity_id, attendances.practitioner_id,
attendances.profession, attendances.role, attendances.minutes, attendances.status, attendances.reason,
attendances.version, attendances.recorded_at, attendances.changed_at
"""

PUT = f"""
INSERT INTO attendances (attendance_id, course_id, activity_id, practitioner_id, profession, role, minutes, status,
                         reason, version, recorded_at, changed_at)
SELECT attendance_id, course_id, activity_id, practitioner_id, profession, role, minutes, 'recorded', '', 1, :now, :now
FROM unnest(CAST(:attendance_ids AS uuid[]), CAST(:course_ids AS uuid[]), CAST(:activity_ids AS uuid[]),
            CAST(:practitioner_ids AS uuid[]), CAST(:professions AS text[]), CAST(:roles AS text[]),
            CAST(:minutes AS integer[]))
     AS line (attendance_id, course_id, activity_id, practitioner_id, profession, role, minutes)
ORDER BY course_id, practitioner_id, role
ON CONFLICT (course_id, practitioner_id, role) DO UPDATE SET
    profession = excluded.profession, minutes = excluded.minutes, status = 'recorded', reason = '',
    version = attendances.version + 1, recorded_at = excluded.recorded_at, changed_at = excluded.changed_at
WHERE attendances.status = 'withdrawn'
RETURNING {COLUMNS}
"""

PUT_LECTURERS = f"""
INSERT INTO lecturer_attendances AS attendances (attendance_id, course_id, activity_id, practitioner_id, profession, role,
                                                 minutes, status, reason, version, recorded_at, changed_at)
SELECT attendance_id, course_id, activity_id, practitioner_id, profession, role, minutes, 'recorded', :reason, 1, :now, :now
FROM unnest(CAST(:attendance_ids AS uuid[]), CAST(:course_ids AS uuid[]), CAST(:activity_ids AS uuid[]),
            CAST(:practitioner_ids AS uuid[]), CAST(:professions AS text[]), CAST(:roles AS text[]),
            CAST(:minutes AS integer[]))
     AS line (attendance_id, course_id, activity_id, practitioner_id, profession, role, minutes)
ORDER BY course_id, practitioner_id, profession
ON CONFLICT DO NOTHING
RETURNING {COLUMNS}
"""

PUT_BACK = f"""
UPDATE lecturer_attendances AS attendances SET
    minutes = line.minutes, status = 'recorded', reason = '', version = version + 1, recorded_at = :now, changed_at = :now
FROM unnest(CAST(:course_ids AS uuid[]), CAST(:practitioner_ids AS uuid[]), CAST(:professions AS text[]),
            CAST(:roles AS text[]), CAST(:minutes AS integer[]))
     AS line (course_id, practitioner_id, profession, role, minutes)
WHERE attendances.course_id = line.course_id AND attendances.practitioner_id = line.practitioner_id
  AND attendances.profession = line.profession AND attendances.role = line.role AND attendances.status = 'withdrawn'
RETURNING {COLUMNS}
"""

CHANGE = f"""
UPDATE attendances SET
    profession = line.profession, role = line.role, minutes = line.minutes, reason = :reason,
    version = attendances.version + 1, changed_at = :now
FROM unnest(CAST(:attendance_ids AS uuid[]), CAST(:professions AS text[]), CAST(:roles AS text[]),
            CAST(:minutes AS integer[]))
     AS line (attendance_id, profession, role, minutes)
WHERE attendances.attendance_id = line.attendance_id AND attendances.status = 'recorded'
RETURNING {COLUMNS}
"""

WITHDRAW = f"""
UPDATE attendances SET status = 'withdrawn', reason = :reason, version = version + 1, changed_at = :now
WHERE attendance_id = :attendance_id AND status = 'recorded'
RETURNING {COLUMNS}
"""

ROSTER_OF = "SELECT course_id FROM attendances WHERE attendance_id = :attendance_id"
HELD = f"SELECT {COLUMNS} FROM attendances WHERE attendance_id = :attendance_id FOR UPDATE"
STATUS_IN_ROLE = """
SELECT status FROM attendances WHERE course_id = :course_id AND practitioner_id = :practitioner_id AND role = :role
ORDER BY status LIMIT 1
"""
ON_ROSTER_AS = """
SELECT EXISTS (SELECT FROM attendances
               WHERE course_id = :course_id AND practitioner_id = ANY(CAST(:former_ids AS uuid[])) AND role = :role
                 AND status = 'recorded')
    OR EXISTS (SELECT FROM lecturer_attendances
               WHERE course_id = :course_id AND practitioner_id = :practitioner_id AND role = :role
                 AND profession = :profession AND status = 'recorded')
"""
LINES = f"""
SELECT {COLUMNS} FROM attendances
WHERE course_id = ANY(CAST(:course_ids AS uuid[])) AND practitioner_id = ANY(CAST(:practitioner_ids AS uuid[]))
ORDER BY attendance_id
"""


class NewLine(msgspec.Struct, frozen=True):
    """Somebody to be put, or put back, on a roster."""

    course: ApprovedCourse
    practitioner_id: UUID
    entry: Entry


class ChangedLine(msgspec.Struct, frozen=True):
    """A line that shall say something else."""

    attendance_id: UUID
    entry: Entry


async def put_on_roster(tx: Transaction, lines: Sequence[NewLine]) -> list[Attendance]:
    """Inserts the lines, or puts withdrawn ones back with a newer version.

    Those who are on the roster already are left as they are and missing from the answer. No two lines may have the
    same course, person and role.
    """
    back = await _put_back(tx, [line for line in lines if line.entry.role == LECTURER])
    there = {(line.course_id, line.practitioner_id, line.role) for line in back}
    new = [line for line in lines if (line.course.course_id, line.practitioner_id, line.entry.role) not in there]
    rows = await tx.all(
        PUT,
        now=tx.now,
        attendance_ids=[new_id() for _ in new],
        activity_ids=[line.course.activity_id for line in new],
        **_entries(new),
    )
    return [*back, *map(_attendance, rows)]


async def _put_back(tx: Transaction, lines: Sequence[NewLine]) -> list[Attendance]:
    """Those that the system had recorded in the same profession, and somebody withdrew."""
    rows = await tx.all(PUT_BACK, now=tx.now, **_entries(lines)) if lines else []
    return [_attendance(row) for row in rows]


async def put_lecturers(tx: Transaction, lines: Sequence[LecturerLine], reason: str) -> list[Attendance]:
    """Inserts the lines that were never there; whatever became of an earlier one, it stays as it is."""
    if not lines:
        return []
    rows = await tx.all(
        PUT_LECTURERS,
        now=tx.now,
        reason=reason,
        attendance_ids=[line.attendance_id for line in lines],
        activity_ids=[line.course.activity_id for line in lines],
        **_entries(lines),
    )
    return [_attendance(row) for row in rows]


def _entries(lines: Sequence[NewLine | LecturerLine]) -> dict[str, Any]:
    return {
        "course_ids": [line.course.course_id for line in lines],
        "practitioner_ids": [line.practitioner_id for line in lines],
        "professions": [line.entry.profession for line in lines],
        "roles": [line.entry.role.value for line in lines],
        "minutes": [line.entry.minutes for line in lines],
    }


async def change_lines(tx: Transaction, lines: Sequence[ChangedLine], reason: str) -> list[Attendance]:
    """Raises SQLAlchemy's IntegrityError when a new role meets another line of the same person."""
    rows = await tx.all(
        CHANGE,
        now=tx.now,
        reason=reason,
        attendance_ids=[line.attendance_id for line in lines],
        professions=[line.entry.profession for line in lines],
        roles=[line.entry.role.value for line in lines],
        minutes=[line.entry.minutes for line in lines],
    )
    return [_attendance(row) for row in rows]


async def withdraw_line(tx: Transaction, attendance_id: UUID, reason: str) -> Attendance | None:
    """None when it was withdrawn before."""
    row = await tx.one_or_none(WITHDRAW, attendance_id=attendance_id, reason=reason, now=tx.now)
    return None if row is None else _attendance(row)


async def course_of(tx: Transaction, attendance_id: UUID) -> UUID:
    """The course whose roster has this line; it never changes. Raises AttendanceNotFound."""
    course_id: UUID | None = await tx.scalar(ROSTER_OF, attendance_id=attendance_id)
    if course_id is None:
        raise AttendanceNotFound
    return course_id


async def held_line(tx: Transaction, attendance_id: UUID) -> Attendance:
    """The line, locked until we commit. Its course must be held before, so that all wait in the same order."""
    return _attendance(await tx.one(HELD, attendance_id=attendance_id))


async def status_in_role(tx: Transaction, line: Attendance, role: ParticipantRole) -> str | None:
    """How the same person stands on the same roster in another role; None when they never did."""
    status: str | None = await tx.scalar(
        STATUS_IN_ROLE, course_id=line.course_id, practitioner_id=line.practitioner_id, role=role.value
    )
    return status


async def on_roster_as(tx: Transaction, course_id: UUID, person: Practitioner, entry: Entry) -> bool:
    """Whether a former record of the person stands on the roster in that role, or the system has recorded them so."""
    return bool(
        await tx.scalar(
            ON_ROSTER_AS,
            course_id=course_id,
            practitioner_id=person.practitioner_id,
            former_ids=list(person.former_ids),
            role=entry.role.value,
            profession=entry.profession,
        )
    )


async def lines_of(tx: Transaction, course_ids: Iterable[UUID], practitioner_ids: Iterable[UUID]) -> list[Attendance]:
    """All lines of these records on these rosters, withdrawn ones too."""
    rows = await tx.all(LINES, course_ids=list(course_ids), practitioner_ids=list(practitioner_ids))
    return [_attendance(row) for row in rows]


def _attendance(row: Row[Any]) -> Attendance:
    return Attendance(
        attendance_id=row.attendance_id,
        course_id=row.course_id,
        activity_id=row.activity_id,
        practitioner_id=row.practitioner_id,
        profession=row.profession,
        role=ParticipantRole(row.role),
        minutes=row.minutes,
        status=row.status,
        reason=row.reason,
        version=row.version,
        recorded_at=row.recorded_at,
        changed_at=row.changed_at,
    )
