"""Put a practitioner on the roster of an approved course."""

from __future__ import annotations

from uuid import UUID

import msgspec

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_contracts import national_id
from cec_contracts.enrolment import ATTENDANCE_RECORDED
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import ensure_keeper, ensure_open
from cec_enrolment.courses.store import course_for_one_change
from cec_enrolment.practitioners.domain import NationalIdInvalid, Practitioner, PractitionerNotNamed, named, the_one
from cec_enrolment.practitioners.queries import (
    practitioners_by_index,
    practitioners_by_number,
    practitioners_with_id,
)
from cec_enrolment.publishes import tell
from cec_enrolment.rosters.domain import AlreadyOnRoster, Attendance, entry_for
from cec_enrolment.rosters.store import NewLine, on_roster_as, put_on_roster


class RecordAttendance(msgspec.Struct, frozen=True, kw_only=True):
    """The person is named by exactly one of `practitioner_id`, `number` 人員代碼 and `national_id`.

    Without a profession, the only one of the person's that gets points in this role is taken.
    """

    course_id: UUID
    practitioner_id: UUID | None = None
    number: str | None = None
    national_id: str | None = None
    role: ParticipantRole = ParticipantRole.LEARNER
    minutes: int | None = None
    profession: str | None = None


async def record_attendance(tx: Transaction, command: RecordAttendance, index_key: bytes) -> Attendance:
    """The new line, or the withdrawn one put back under its old id with a newer version.

    Raises:
        RosterNotFound, NotYourRoster, CourseApprovalWithdrawn, RosterClosed, AlreadyOnRoster
        and, with the path of the field, what `named_practitioner` and `entry_for` raise.
    """
    course = await course_for_one_change(tx, command.course_id)
    ensure_keeper(course, tx.actor)
    ensure_open(course, taipei_date(tx.now))
    person = await named_practitioner(tx, command, index_key)
    entry = entry_for(course, person, command.role, command.minutes, command.profession, "body.")
    if await on_roster_as(tx, course.course_id, person, entry):
        raise AlreadyOnRoster
    put = await put_on_roster(tx, [NewLine(course, person.practitioner_id, entry)])
    if not put:
        raise AlreadyOnRoster
    line = put[0]
    tell(tx, ATTENDANCE_RECORDED, line)
    tx.audit("attendance.recorded", subject_type="attendance", subject_id=line.attendance_id, after=line)
    return line


async def named_practitioner(tx: Transaction, command: RecordAttendance, index_key: bytes) -> Practitioner:
    """The person the command names.

    Raises:
        PractitionerNotNamed, NationalIdInvalid, PractitionerUnknown, PractitionerAmbiguous, PractitionerInactive
    """
    ways = (command.practitioner_id, command.number, command.national_id)
    if sum(way is not None for way in ways) != 1:
        raise named(PractitionerNotNamed, "body.practitioner_id")
    if command.practitioner_id is not None:
        return the_one(await practitioners_with_id(tx, command.practitioner_id), "body.practitioner_id")
    if command.number is not None:
        return the_one((await practitioners_by_number(tx, [command.number])).get(command.number, ()), "body.number")
    try:
        index = national_id.index(index_key, command.national_id or "")
    except national_id.InvalidNationalId as error:
        raise named(NationalIdInvalid, "body.national_id", str(error)) from None
    return the_one((await practitioners_by_index(tx, [index])).get(index, ()), "body.national_id")
