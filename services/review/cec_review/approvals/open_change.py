"""A review unit examines whether to change or withdraw an approval 異動. Until it decides, what was approved stands.

Everybody whose points hang on it can see that they do; nobody loses one before there is a decision.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_contracts.review import COURSE_APPROVAL_CHANGE_OPENED
from cec_review.access import require_own
from cec_review.approvals import store
from cec_review.approvals.change_approval import Reason
from cec_review.approvals.domain import CourseApproval
from cec_review.publishes import approval_event
from cec_review.recognitions.require_recognised import standing_of_caller


class OpenChangeOfApproval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the approval is examined; practitioners read it."""

    reason: Reason


async def open_change(tx: Transaction, course_id: UUID, command: OpenChangeOfApproval) -> CourseApproval:
    """Raises ApprovalNotFound, AnotherReviewUnits, ApprovalWithdrawn, ChangeAlreadyOpen, ReviewUnitNotRecognised."""
    standing = await standing_of_caller(tx)
    before = await store.load(tx, course_id, lock=True)
    require_own(tx.actor, before.review_unit_id)
    standing.require()
    reason = command.reason.strip()
    after = before.change_opened(reason, tx.now)
    await store.save(tx, after)
    tx.publish(COURSE_APPROVAL_CHANGE_OPENED, subject=course_id, sequence=after.version, body=approval_event(after))
    tx.audit(
        "approval.change_opened",
        subject_type="approval",
        subject_id=course_id,
        reason=reason,
        before=before,
        after=after,
    )
    return after
