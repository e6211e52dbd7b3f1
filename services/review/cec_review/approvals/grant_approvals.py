"""The courses of a passed case are approved with their points; part of deciding the case, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from cec_chassis.database import Transaction
from cec_contracts.review import COURSE_APPROVAL_GRANTED
from cec_review.approvals import store
from cec_review.approvals.domain import CourseApproval
from cec_review.cases.domain import Case
from cec_review.points.domain import Award
from cec_review.policies.domain import roster_deadline
from cec_review.policies.store import policy_of
from cec_review.publishes import approval_event


async def grant_approvals(tx: Transaction, case: Case, awards: Mapping[UUID, list[Award]]) -> list[CourseApproval]:
    """One approval for each course of the case; `awards` has the points of every course."""
    policy = await policy_of(tx, case.review_unit_id)
    approvals = [
        CourseApproval.granted(
            case.case_id,
            case.activity,
            course,
            awards[course.course_id],
            roster_deadline(course.ends_at, tx.now, policy.roster_days),
            tx.now,
        )
        for course in case.activity.courses
    ]
    await store.insert(tx, approvals)
    for approval in approvals:
        tx.publish(
            COURSE_APPROVAL_GRANTED,
            subject=approval.course_id,
            sequence=approval.version,
            body=approval_event(approval),
        )
        tx.audit("approval.granted", subject_type="approval", subject_id=approval.course_id, after=approval)
    return approvals
