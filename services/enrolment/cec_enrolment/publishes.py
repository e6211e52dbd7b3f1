"""The outward face: which news enrolment tells, and how a line of a roster looks in it."""

from __future__ import annotations

from typing import Any

from cec_chassis.database import Transaction
from cec_contracts import enrolment
from cec_contracts.audit import ENROLMENT_AUDIT_HEAD
from cec_contracts.envelope import EventType
from cec_enrolment.rosters.domain import Attendance

PUBLISHES: tuple[EventType[Any], ...] = (
    enrolment.ATTENDANCE_RECORDED,
    enrolment.ATTENDANCE_CORRECTED,
    enrolment.ATTENDANCE_WITHDRAWN,
    ENROLMENT_AUDIT_HEAD,
)


def tell(tx: Transaction, event: EventType[enrolment.Attendance], line: Attendance) -> None:
    """The news carries the line as it is after what happened; its sequence is the line's version."""
    tx.publish(
        event,
        subject=line.attendance_id,
        sequence=line.version,
        body=enrolment.Attendance(
            attendance_id=line.attendance_id,
            course_id=line.course_id,
            activity_id=line.activity_id,
            practitioner_id=line.practitioner_id,
            profession=line.profession,
            role=line.role,
            minutes=line.minutes,
            status=line.status,
            reason=line.reason,
            recorded_at=line.recorded_at,
        ),
    )
