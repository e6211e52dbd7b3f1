"""What can be asked about approvals."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.context import Actor
from cec_chassis.database import Transaction
from cec_chassis.http.paging import Page, Paging
from cec_review.access import require_readable, unit_to_list
from cec_review.approvals import store
from cec_review.approvals.domain import ApprovalStatus, ApprovalView

_FOUND = """
WHERE (CAST(:review_unit_id AS uuid) IS NULL OR review_unit_id = :review_unit_id)
  AND (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:activity_id AS uuid) IS NULL OR activity_id = :activity_id)
"""


async def approval_of(tx: Transaction, actor: Actor, course_id: UUID) -> ApprovalView:
    """The approval of one course. Raises ApprovalNotFound, AnotherReviewUnits."""
    approval = await store.load(tx, course_id)
    require_readable(actor, approval.review_unit_id)
    return approval.shown()


async def approvals_for(
    tx: Transaction, actor: Actor, status: ApprovalStatus | None, activity_id: UUID | None, paging: Paging
) -> Page[ApprovalView]:
    """The approvals the caller's review unit has given, newest course first. Raises AnotherReviewUnits."""
    parameters = {
        "review_unit_id": unit_to_list(actor),
        "status": None if status is None else status.value,
        "activity_id": activity_id,
    }
    rows = await tx.all(
        f"SELECT * FROM course_approvals {_FOUND} ORDER BY course_id DESC LIMIT :limit OFFSET :offset",
        **parameters,
        limit=paging.limit,
        offset=paging.offset,
    )
    total = await tx.scalar(f"SELECT count(*) FROM course_approvals {_FOUND}", **parameters)
    return paging.of([approval.shown() for approval in await store.with_awards(tx, rows)], total)
