"""A review unit has examined an approval and leaves it as it is."""

from __future__ import annotations

from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_contracts.review import COURSE_APPROVAL_CHANGE_DROPPED
from cec_review.access import require_own
from cec_review.approvals import store
from cec_review.approvals.change_approval import Reason
from cec_review.approvals.domain import CourseApproval
from cec_review.publishes import approval_event
from cec_review.recognitions.require_recognised import standing_of_caller


class DropChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why nothing is changed; it stands in the audit log."""

    reason: Reason


async def drop_change(tx: Transaction, course_id: UUID, command: DropChange) -> CourseApproval:
    """Raises ApprovalNotFound, AnotherReviewUnits, ApprovalWithdrawn, NoChangeOpen, ReviewUnitNotRecognised."""
    standing = await standing_of_caller(tx)
    before = await store.load(tx, course_id, lock=True)
    require_own(tx.actor, before.review_unit_id)
    standing.require()
    after = before.change_dropped()
    await store.save(tx, after)
    tx.publish(COURSE_APPROVAL_CHANGE_DROPPED, subject=course_id, sequence=after.version, body=approval_event(after))
    tx.audit(
        "approval.change_dropped",
        subject_type="approval",
        subject_id=course_id,
        reason=command.reason.strip(),
        before=before,
        after=after,
    )
    return after
