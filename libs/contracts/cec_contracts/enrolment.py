"""What enrolment says: who attended which course in which role."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from cec_contracts.envelope import EventType, Instant
from cec_contracts.vocabulary import Minutes, ParticipantRole, ProfessionCode


class Attendance(msgspec.Struct, kw_only=True):
    """One line of a roster 學員名單: a practitioner attended a course, as one profession, in one role.

    `minutes` is what the person attended when that differs from the course's length, else null.
    """

    attendance_id: UUID
    course_id: UUID
    activity_id: UUID
    practitioner_id: UUID
    profession: ProfessionCode
    role: ParticipantRole
    minutes: Minutes | None = None
    status: Literal["recorded", "withdrawn"]
    reason: str = ""
    recorded_at: Instant


ATTENDANCE_RECORDED = EventType(
    "cec.enrolment.attendance_recorded.v1", Attendance, "出席已登錄", "An attendance was recorded"
)
ATTENDANCE_CORRECTED = EventType(
    "cec.enrolment.attendance_corrected.v1", Attendance, "出席已更正", "An attendance was corrected"
)
ATTENDANCE_WITHDRAWN = EventType(
    "cec.enrolment.attendance_withdrawn.v1", Attendance, "出席已撤銷", "An attendance was withdrawn"
)
