"""Who is on a roster."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from cec_chassis.context import Actor
from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import NotYourRoster
from cec_enrolment.courses.queries import may_read
from cec_enrolment.courses.store import course_to_read


class RosterEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a roster with the person's name. The national ID is masked; `minutes` null: the whole course."""

    attendance_id: UUID
    practitioner_id: UUID
    practitioner_number: str
    practitioner_name: str
    national_id_masked: str
    profession: str
    role: ParticipantRole
    minutes: int | None
    status: Literal["recorded", "withdrawn"]
    reason: str
    version: int
    recorded_at: datetime
    changed_at: datetime


WHERE = """
a.course_id = :course_id
AND (CAST(:status AS text) IS NULL OR a.status = :status) AND (CAST(:role AS text) IS NULL OR a.role = :role)
"""
LIST = f"""
SELECT a.attendance_id, a.practitioner_id, coalesce(p.number, '') AS practitioner_number,
       coalesce(p.name, '') AS practitioner_name, coalesce(p.national_id_masked, '') AS national_id_masked,
       a.profession, a.role, a.minutes, a.status, a.reason, a.version, a.recorded_at, a.changed_at
FROM attendances a LEFT JOIN practitioners p USING (practitioner_id)
WHERE {WHERE} ORDER BY a.recorded_at, a.attendance_id LIMIT :limit OFFSET :offset
"""
TOTAL = f"SELECT count(*) FROM attendances a WHERE {WHERE}"


async def entries_of(
    tx: Transaction,
    actor: Actor,
    course_id: UUID,
    paging: Paging,
    *,
    status: Literal["recorded", "withdrawn"] | None = None,
    role: ParticipantRole | None = None,
) -> Page[RosterEntry]:
    """The lines of a roster in the order in which they were recorded.

    Raises:
        RosterNotFound, NotYourRoster
    """
    course = await course_to_read(tx, course_id)
    if not may_read(actor, course.offering_unit_id, course.review_unit_id):
        raise NotYourRoster
    wanted = {"course_id": course_id, "status": status, "role": role.value if role else None}
    total = await tx.scalar(TOTAL, **wanted)
    rows = await tx.all(LIST, **wanted, limit=paging.limit, offset=paging.offset)
    return paging.of([msgspec.convert(row._mapping, RosterEntry) for row in rows], total)
