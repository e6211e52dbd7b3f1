"""Take somebody off a roster, with a reason. The line stays, marked withdrawn; what it gave counts no longer."""

from __future__ import annotations

from uuid import UUID

import msgspec

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_contracts.enrolment import ATTENDANCE_WITHDRAWN
from cec_enrolment.courses.domain import ensure_correctable
from cec_enrolment.courses.store import course_for_one_change
from cec_enrolment.publishes import tell
from cec_enrolment.rosters.domain import Attendance, AttendanceWithdrawn
from cec_enrolment.rosters.store import course_of, held_line, withdraw_line


class WithdrawAttendance(msgspec.Struct, frozen=True, kw_only=True):
    """Which line, and why; the reason stays with it."""

    attendance_id: UUID
    reason: str


async def withdraw_attendance(tx: Transaction, command: WithdrawAttendance) -> Attendance:
    """The line as it now is.

    Raises:
        AttendanceNotFound, NotYourRoster, CourseApprovalWithdrawn, RosterClosed, AttendanceWithdrawn
    """
    course = await course_for_one_change(tx, await course_of(tx, command.attendance_id))
    ensure_correctable(course, tx.actor, taipei_date(tx.now))
    before = await held_line(tx, command.attendance_id)
    line = await withdraw_line(tx, command.attendance_id, command.reason)
    if line is None:
        raise AttendanceWithdrawn
    tell(tx, ATTENDANCE_WITHDRAWN, line)
    tx.audit(
        "attendance.withdrawn",
        subject_type="attendance",
        subject_id=line.attendance_id,
        reason=command.reason,
        before=before,
        after=line,
    )
    return line
