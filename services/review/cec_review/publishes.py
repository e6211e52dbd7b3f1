"""What this service tells the others, and how its own cases and approvals look in their words."""

from __future__ import annotations

from typing import Final, Literal

from cec_contracts import review
from cec_contracts.audit import REVIEW_AUDIT_HEAD
from cec_contracts.review import (
    CASE_DECIDED,
    COURSE_APPROVAL_CHANGE_DROPPED,
    COURSE_APPROVAL_CHANGE_OPENED,
    COURSE_APPROVAL_CHANGED,
    COURSE_APPROVAL_GRANTED,
    COURSE_APPROVAL_WITHDRAWN,
)
from cec_review.approvals.domain import ApprovalStatus, CourseApproval
from cec_review.cases.domain import Case, CaseStatus

PUBLISHES = (
    CASE_DECIDED,
    COURSE_APPROVAL_GRANTED,
    COURSE_APPROVAL_CHANGED,
    COURSE_APPROVAL_CHANGE_OPENED,
    COURSE_APPROVAL_CHANGE_DROPPED,
    COURSE_APPROVAL_WITHDRAWN,
    REVIEW_AUDIT_HEAD,
)

_CASE: Final[dict[CaseStatus, Literal["open", "passed", "failed", "returned"]]] = {
    CaseStatus.OPEN: "open",
    CaseStatus.PASSED: "passed",
    CaseStatus.FAILED: "failed",
    CaseStatus.RETURNED: "returned",
}
_APPROVAL: Final[dict[ApprovalStatus, Literal["approved", "withdrawn"]]] = {
    ApprovalStatus.APPROVED: "approved",
    ApprovalStatus.WITHDRAWN: "withdrawn",
}


def case_event(case: Case) -> review.Case:
    """The case as it is now. Raises KeyError for a withdrawn case: its unit has told that already."""
    return review.Case(
        case_id=case.case_id,
        activity_id=case.activity_id,
        submission=case.submission,
        review_unit_id=case.review_unit_id,
        status=_CASE[case.status],
        comment=case.comment,
        decided_at=case.decided_at,
    )


def approval_event(approval: CourseApproval) -> review.CourseApproval:
    """The approval as it is now: all that enrolment, credits and reporting need to know of the course."""
    change = approval.under_change
    return review.CourseApproval(
        course_id=approval.course_id,
        course_code=approval.course_code,
        course_title=approval.course_title,
        activity_id=approval.activity_id,
        activity_code=approval.activity_code,
        activity_title=approval.activity_title,
        offering_unit_id=approval.offering_unit_id,
        offering_unit_name=approval.offering_unit_name,
        review_unit_id=approval.review_unit_id,
        method=approval.method,
        attribute=approval.attribute,
        infection_control=approval.infection_control,
        gender=approval.gender,
        starts_at=approval.starts_at,
        ends_at=approval.ends_at,
        minutes=approval.minutes,
        county=approval.county,
        awards=[
            review.Award(profession=award.profession, role=award.role, points=award.points) for award in approval.awards
        ],
        roster_deadline=approval.roster_deadline,
        status=_APPROVAL[approval.status],
        reason=approval.reason,
        decided_at=approval.decided_at,
        article=approval.article,
        under_change=None if change is None else review.OpenChange(reason=change.reason, opened_at=change.opened_at),
        lecturers=[
            review.CourseLecturer(practitioner_id=lecturer.practitioner_id, minutes=lecturer.minutes)
            for lecturer in approval.lecturers
        ],
        purposes=approval.purposes,
    )
