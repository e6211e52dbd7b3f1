"""What can be asked about activities. The struct of one activity is its aggregate; lists are shorter."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from cec_activities.activities import store
from cec_activities.activities.access import REVIEWING, require_readable, unit_of
from cec_activities.activities.domain import Activity, Status
from cec_chassis.context import Actor
from cec_chassis.database import Transaction
from cec_chassis.http.paging import Page, Paging
from cec_contracts.vocabulary import AccountRole, Method


class ActivityLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the case list 案件管理."""

    activity_id: UUID
    code: str
    title: str
    offering_unit_id: UUID
    review_unit_id: UUID
    method: Method
    starts_on: date
    ends_on: date
    county: str
    status: Status
    submission: int
    submitted_at: datetime | None
    version: int


_READABLE = """
FROM activities
WHERE (CAST(:offering_unit_id AS uuid) IS NULL OR offering_unit_id = :offering_unit_id)
  AND (CAST(:review_unit_id AS uuid) IS NULL OR (review_unit_id = :review_unit_id AND status <> 'draft'))
  AND (CAST(:status AS text) IS NULL OR status = :status)
"""

_LIST = f"""
SELECT id AS activity_id, code, title, offering_unit_id, review_unit_id, method, starts_on, ends_on, county, status,
       submission, submitted_at, version
{_READABLE} ORDER BY id DESC LIMIT :limit OFFSET :offset
"""

_COUNT = f"SELECT count(*) {_READABLE}"


async def activity_of(tx: Transaction, actor: Actor, activity_id: UUID) -> Activity:
    """One activity with courses and lecturers. Raises ActivityNotFound, AnotherUnitsActivity."""
    activity = await store.load(tx, activity_id)
    require_readable(actor, activity)
    return activity


async def activities_for(tx: Transaction, actor: Actor, status: Status | None, paging: Paging) -> Page[ActivityLine]:
    """The activities the caller may read, newest first. Raises AnotherUnitsActivity for an account without a unit."""
    everything = actor.role == AccountRole.SYSTEM_ADMINISTRATOR
    reviewing = actor.role in REVIEWING
    parameters = {
        "offering_unit_id": None if everything or reviewing else unit_of(actor),
        "review_unit_id": unit_of(actor) if reviewing else None,
        "status": None if status is None else status.value,
    }
    rows = await tx.all(_LIST, **parameters, limit=paging.limit, offset=paging.offset)
    lines = [msgspec.convert(dict(row._mapping), ActivityLine) for row in rows]
    return paging.of(lines, await tx.scalar(_COUNT, **parameters))
