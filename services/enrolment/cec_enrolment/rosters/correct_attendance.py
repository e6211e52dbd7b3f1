"""Correct the role, the minutes or the profession of a line, with a reason."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy.exc import IntegrityError

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_contracts.enrolment import ATTENDANCE_CORRECTED
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import ApprovedCourse, ensure_correctable
from cec_enrolment.courses.store import course_for_one_change
from cec_enrolment.practitioners.domain import named
from cec_enrolment.practitioners.queries import practitioners_with_id
from cec_enrolment.publishes import tell
from cec_enrolment.rosters.domain import (
    AlreadyOnRoster,
    Attendance,
    AttendanceWithdrawn,
    Entry,
    NothingToCorrect,
    WithdrawnInThatRole,
    corrected_entry,
)
from cec_enrolment.rosters.store import ChangedLine, change_lines, course_of, held_line, status_in_role


class CorrectAttendance(msgspec.Struct, frozen=True, kw_only=True):
    """What is left unset stays as it is; `minutes` null means the whole course."""

    attendance_id: UUID
    role: ParticipantRole | UnsetType = UNSET
    minutes: int | UnsetType | None = UNSET
    profession: str | UnsetType = UNSET
    reason: str


async def correct_attendance(tx: Transaction, command: CorrectAttendance) -> Attendance:
    """The line as it now is. When it says so already, nothing happens and nothing is told.

    Raises:
        AttendanceNotFound, NotYourRoster, CourseApprovalWithdrawn, RosterClosed, AttendanceWithdrawn, NothingToCorrect,
        AlreadyOnRoster, WithdrawnInThatRole and, with the path of the field, what `corrected_entry` raises.
    """
    course = await course_for_one_change(tx, await course_of(tx, command.attendance_id))
    ensure_correctable(course, tx.actor, taipei_date(tx.now))
    line = await held_line(tx, command.attendance_id)
    if line.status == "withdrawn":
        raise AttendanceWithdrawn
    entry = await _corrected(tx, course, line, command)
    if entry == Entry(line.profession, line.role, line.minutes):
        return line
    if entry.role != line.role:
        await _ensure_role_free(tx, line, entry.role)
    try:
        (changed,) = await change_lines(tx, [ChangedLine(line.attendance_id, entry)], command.reason)
    except IntegrityError:  # somebody was put on the roster in that role since we looked
        raise AlreadyOnRoster from None
    tell(tx, ATTENDANCE_CORRECTED, changed)
    tx.audit(
        "attendance.corrected",
        subject_type="attendance",
        subject_id=line.attendance_id,
        reason=command.reason,
        before=line,
        after=changed,
    )
    return changed


async def _corrected(tx: Transaction, course: ApprovedCourse, line: Attendance, command: CorrectAttendance) -> Entry:
    if command.role is UNSET and command.minutes is UNSET and command.profession is UNSET:
        raise named(NothingToCorrect, "body")
    # A closed record bars new lines only: what was recorded before can always be put right.
    (person,) = await practitioners_with_id(tx, line.practitioner_id)
    return corrected_entry(
        course,
        person,
        line,
        line.role if command.role is UNSET else command.role,
        line.minutes if command.minutes is UNSET else command.minutes,
        line.profession if command.profession is UNSET else command.profession,
        "body.",
    )


async def _ensure_role_free(tx: Transaction, line: Attendance, role: ParticipantRole) -> None:
    status = await status_in_role(tx, line, role)
    if status == "recorded":
        raise AlreadyOnRoster
    if status == "withdrawn":
        raise WithdrawnInThatRole
