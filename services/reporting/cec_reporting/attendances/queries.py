"""Attendance counted by profession and county."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_contracts.vocabulary import ParticipantRole
from cec_reporting.freshness import as_of


class AttendanceCount(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of the table: `attendances` 人次, `practitioners` 人數 (each person once), `courses` 課程數."""

    profession: str
    county: str
    attendances: int
    practitioners: int
    courses: int


class AttendanceCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The whole table, counted at this moment from all facts; `as_of` is the time of the newest event taken in.

    The counts of `attendances` add up to `total`; those of people and courses do not, because one person may have
    attended in several counties.
    """

    as_of: datetime | None
    held_from: date | None
    held_to: date | None
    rows: list[AttendanceCount]
    total: int


class CountFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Courses that begin on one of these Asia/Taipei days, both included."""

    offering_unit_id: UUID | None = None
    held_from: date | None = None
    held_to: date | None = None
    role: ParticipantRole | None = None
    county: str | None = None
    profession: str | None = None


# What is not approved, or no longer, counts nowhere; an attendance whose course has not arrived yet waits for it.
COUNT = """
SELECT a.profession, c.county, count(*) AS attendances, count(DISTINCT a.practitioner_id) AS practitioners,
       count(DISTINCT a.course_id) AS courses
FROM courses c JOIN attendances a ON a.course_id = c.course_id AND a.status = 'recorded'
WHERE c.status = 'approved'
  AND (CAST(:offering_unit_id AS uuid) IS NULL OR c.offering_unit_id = :offering_unit_id)
  AND (CAST(:held_from AS date) IS NULL OR c.held_on >= :held_from)
  AND (CAST(:held_to AS date) IS NULL OR c.held_on <= :held_to)
  AND (CAST(:county AS text) IS NULL OR c.county = :county)
  AND (CAST(:role AS text) IS NULL OR a.role = :role)
  AND (CAST(:profession AS text) IS NULL OR a.profession = :profession)
GROUP BY a.profession, c.county
ORDER BY a.profession, c.county
"""


async def counts_of(tx: Transaction, wanted: CountFilter) -> AttendanceCounts:
    """Counts the facts anew each time; nothing is added up beforehand."""
    fresh = await as_of(tx)  # before the count: the figures are never older than they say
    parameters = msgspec.structs.asdict(wanted) | {"role": wanted.role.value if wanted.role else None}
    rows = [msgspec.convert(row._mapping, AttendanceCount) for row in await tx.all(COUNT, **parameters)]
    return AttendanceCounts(
        as_of=fresh,
        held_from=wanted.held_from,
        held_to=wanted.held_to,
        rows=rows,
        total=sum(row.attendances for row in rows),
    )
