"""What we take in of review's news about approved courses."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.review import CourseApproval
from cec_enrolment.courses.store import keep_courses
from cec_enrolment.practitioners.store import hold_practitioners
from cec_enrolment.rosters.record_lecturers import record_lecturers


async def on_course_approval(tx: Transaction, events: Sequence[Received[CourseApproval]]) -> None:
    """Granted, changed or withdrawn: the body is the approval as it now is; a withdrawn course stays, marked.

    Lecturers whom it gives points are put on the roster.
    """
    news = newest(events)
    await hold_practitioners(tx, {who.practitioner_id for event in news for who in event.body.lecturers})
    await keep_courses(tx, news)
    await record_lecturers(tx, {event.body.course_id for event in news})
