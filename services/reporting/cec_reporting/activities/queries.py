"""The register of activities."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Paging
from cec_contracts.vocabulary import Method
from cec_reporting.freshness import as_of


class ActivityStatus(StrEnum):
    """What has become of an activity 案件狀態."""

    SUBMITTED = "submitted"  # 審查中
    RETURNED = "returned"  # 退回補件
    PASSED = "passed"  # 通過
    FAILED = "failed"  # 不通過
    WITHDRAWN = "withdrawn"  # 撤回


class RegisteredActivity(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the register. `attendances` counts the recorded lines on the rosters of its approved courses."""

    activity_id: UUID
    code: str
    title: str
    offering_unit_id: UUID
    offering_unit_name: str
    review_unit_id: UUID
    method: Method
    professions: list[str]
    county: str
    place: str
    starts_on: date
    ends_on: date
    status: ActivityStatus
    submission: int
    submitted_at: datetime
    decided_at: datetime | None
    courses: int
    approved_courses: int
    attendances: int


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the register; `as_of` is the time of the newest event taken in, null before the first."""

    as_of: datetime | None
    items: list[RegisteredActivity]
    total: int
    page: int
    page_size: int


class RegisterFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Activities of which at least one day lies within the dates, both included."""

    offering_unit_id: UUID | None = None
    review_unit_id: UUID | None = None
    status: ActivityStatus | None = None
    county: str | None = None
    profession: str | None = None
    held_from: date | None = None
    held_to: date | None = None


# A decision counts for the submission it was made on: an activity submitted again is under review again.
REGISTER = """
WITH register AS (
    SELECT a.*, decision.decided_at,
           CASE WHEN a.status = 'withdrawn' THEN a.status ELSE coalesce(decision.status, a.status) END AS present_status
    FROM activities a
    LEFT JOIN LATERAL (
        SELECT c.status, c.decided_at FROM cases c
        WHERE c.activity_id = a.activity_id AND c.submission = a.submission AND c.status <> 'open'
        ORDER BY c.decided_at DESC LIMIT 1
    ) AS decision ON true
    WHERE (CAST(:offering_unit_id AS uuid) IS NULL OR a.offering_unit_id = :offering_unit_id)
      AND (CAST(:review_unit_id AS uuid) IS NULL OR a.review_unit_id = :review_unit_id)
      AND (CAST(:county AS text) IS NULL OR a.county = :county)
      AND (CAST(:profession AS text) IS NULL OR :profession = ANY(a.professions))
      AND (CAST(:held_from AS date) IS NULL OR a.ends_on >= :held_from)
      AND (CAST(:held_to AS date) IS NULL OR a.starts_on <= :held_to)
)
"""
WANTED = "(CAST(:status AS text) IS NULL OR present_status = :status)"
TOTAL = f"{REGISTER} SELECT count(*) FROM register WHERE {WANTED}"
LIST = f"""
{REGISTER}
SELECT page.*, (SELECT count(*) FROM courses c WHERE c.activity_id = page.activity_id AND c.status = 'approved')
           AS approved_courses,
       (SELECT count(*) FROM courses c JOIN attendances t ON t.course_id = c.course_id AND t.status = 'recorded'
        WHERE c.activity_id = page.activity_id AND c.status = 'approved') AS attendances
FROM (SELECT * FROM register WHERE {WANTED}
      ORDER BY starts_on DESC, activity_id DESC LIMIT :limit OFFSET :offset) AS page
ORDER BY starts_on DESC, activity_id DESC
"""


async def register_of(tx: Transaction, wanted: RegisterFilter, paging: Paging) -> Register:
    """The latest activities first."""
    parameters = msgspec.structs.asdict(wanted) | {"status": wanted.status.value if wanted.status else None}
    fresh = await as_of(tx)
    total = await tx.scalar(TOTAL, **parameters)
    rows = await tx.all(LIST, **parameters, limit=paging.limit, offset=paging.offset)
    items = [msgspec.convert({**row._mapping, "status": row.present_status}, RegisteredActivity) for row in rows]
    return Register(as_of=fresh, items=items, total=total, page=paging.page, page_size=paging.page_size)
