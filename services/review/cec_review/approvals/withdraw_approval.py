"""An approval is withdrawn 撤銷核定: by its review unit with a reason, or because the unit had withdrawn its activity."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_contracts.review import COURSE_APPROVAL_WITHDRAWN
from cec_review.access import require_own
from cec_review.approvals import store
from cec_review.approvals.change_approval import Reason
from cec_review.approvals.domain import CourseApproval
from cec_review.publishes import approval_event
from cec_review.recognitions.require_recognised import standing_of_caller


class WithdrawApproval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the approval no longer holds."""

    reason: Reason


async def withdraw_approval(tx: Transaction, course_id: UUID, command: WithdrawApproval) -> CourseApproval:
    """Raises ApprovalNotFound, AnotherReviewUnits, ApprovalWithdrawn, ReviewUnitNotRecognised."""
    standing = await standing_of_caller(tx)
    before = await store.load(tx, course_id, lock=True)
    require_own(tx.actor, before.review_unit_id)
    standing.require()
    return await _withdraw(tx, before, command.reason.strip())


async def withdraw_approvals_of(tx: Transaction, case_ids: Sequence[UUID], reason: str) -> None:
    """All that these cases had brought and that still counts. Done by the system, when an event says so."""
    if case_ids:
        for approval in await store.lock_approved_of(tx, case_ids):
            await _withdraw(tx, approval, reason)


async def _withdraw(tx: Transaction, before: CourseApproval, reason: str) -> CourseApproval:
    after = before.withdrawn(reason, tx.now)
    await store.save(tx, after)
    tx.publish(COURSE_APPROVAL_WITHDRAWN, subject=after.course_id, sequence=after.version, body=approval_event(after))
    tx.audit(
        "approval.withdrawn",
        subject_type="approval",
        subject_id=after.course_id,
        reason=reason,
        before=before,
        after=after,
    )
    return after
