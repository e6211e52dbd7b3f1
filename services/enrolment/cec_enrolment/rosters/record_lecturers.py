"""Lecturers are put on the roster by the system, from the lecturer list of an approved course.

The unit need not do it and no deadline stops it: the points follow from the approval. Called with whichever news comes last,
of the approval or of the practitioner.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cec_chassis.database import Transaction
from cec_contracts.enrolment import ATTENDANCE_RECORDED
from cec_enrolment.courses.store import courses_with_lecturers
from cec_enrolment.practitioners.queries import practitioners_with_ids
from cec_enrolment.publishes import tell
from cec_enrolment.rosters.lecturers import lines_due
from cec_enrolment.rosters.store import lines_of, put_lecturers

REASON = "依課程講師名單自動登錄 / Recorded by the system from the lecturer list of the course"


async def record_lecturers(tx: Transaction, course_ids: Collection[UUID]) -> None:
    """Whoever is due on these rosters and not there yet, each line with its news and its audit row."""
    if not course_ids:
        return
    courses = await courses_with_lecturers(tx, course_ids)
    if not courses:
        return
    people = await practitioners_with_ids(tx, {named for course in courses for named in course.lecturers})
    records = {record for person in people.values() for record in (person.practitioner_id, *person.former_ids)}
    lines = await lines_of(tx, (course.course_id for course in courses), records)
    due = [line for course in courses for line in lines_due(course, people, lines)]
    for line in await put_lecturers(tx, due, REASON):
        tell(tx, ATTENDANCE_RECORDED, line)
        tx.audit(
            "attendance.recorded",
            subject_type="attendance",
            subject_id=line.attendance_id,
            reason=REASON,
            after=line,
        )
