"""Where an entry comes from, so that a person recognises it: the course, its activity, who held it and who reviewed it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_credits.statements.basis import Approval, approval_of
from cec_credits.statements.domain import Entry

SELECT_COURSES = """
SELECT DISTINCT ON (course_id)
    course_id, course_code, course_title, activity_id, activity_code, activity_title, offering_unit_id,
    offering_unit_name, review_unit_id, starts_at, ends_at, minutes, status,
    CAST(decided_at AT TIME ZONE 'Asia/Taipei' AS date) AS decided_on, CAST(awards AS text) AS awards
FROM course_approvals
WHERE course_id = ANY(CAST(:courses AS uuid[]))
  AND (CAST(:known_by AS timestamptz) IS NULL OR known_at <= :known_by)
ORDER BY course_id, sequence DESC
"""


class SourceCourse(msgspec.Struct, frozen=True, kw_only=True):
    """The course behind an entry 課程. The title of the activity and the ids of the units are null in the oldest rows."""

    course_id: UUID
    course_code: str
    course_title: str
    activity_id: UUID
    activity_code: str
    activity_title: str | None
    offering_unit_id: UUID | None
    offering_unit_name: str
    review_unit_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    minutes: int


class Decided(msgspec.Struct, frozen=True):
    """A course, and what was decided about it: by profession and role the points it gives, nothing once withdrawn."""

    course: SourceCourse
    decided_on: date
    awards: dict[str, Decimal]

    def approval(self, entry: Entry, profession: str) -> Approval | None:
        """The decision behind an entry of somebody of that profession."""
        awarded = self.awards.get(f"{profession}:{entry.record.role}")
        return None if awarded is None else approval_of(entry, self.decided_on, awarded, self.course.minutes)


_awards = msgspec.json.Decoder(dict[str, Decimal])


async def load_sources(tx: Transaction, courses: Iterable[str], known_by: datetime | None = None) -> dict[str, Decided]:
    """By course id as text; the newest version of each, or the newest that was known then."""
    rows = await tx.all(SELECT_COURSES, courses=[UUID(course) for course in courses], known_by=known_by)
    return {str(row.course_id): _source(row) for row in rows}


def _source(row: Any) -> Decided:
    course = SourceCourse(**{field: getattr(row, field) for field in SourceCourse.__struct_fields__})
    return Decided(course, row.decided_on, {} if row.status == "withdrawn" else _awards.decode(row.awards))
