"""The trace of a look at a roster. Everybody who stands on it can read that it was looked at: `GET /looks`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from cec_chassis.audit.queries import Subjects
from cec_chassis.database import Transaction

ON_ROSTERS: Final = Subjects(
    type="roster",
    ids="""
    WITH RECURSIVE mine (id) AS (
        SELECT CAST(:person AS uuid)
        UNION SELECT former.practitioner_id FROM practitioners AS former JOIN mine ON former.merged_into = mine.id)
    SELECT CAST(course_id AS text) FROM attendances WHERE practitioner_id IN (SELECT id FROM mine)
    """,
)
"""A person is in this service's log as somebody on rosters, under this record or one merged into it."""


def looked_at_roster(tx: Transaction, course_id: UUID) -> None:
    """One row, however many people stand on the roster."""
    tx.look("roster.read", subject_type=ON_ROSTERS.type, subject_id=course_id, purpose="attendance")


async def offering_unit_names(tx: Transaction, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of offering units as approved courses have them; no others are known here."""
    rows = await tx.all(
        """
        SELECT DISTINCT ON (offering_unit_id) offering_unit_id, offering_unit_name FROM approved_courses
        WHERE offering_unit_id = ANY(CAST(:ids AS uuid[])) ORDER BY offering_unit_id, decided_at DESC
        """,
        ids=list(ids),
    )
    return {row.offering_unit_id: row.offering_unit_name for row in rows}
