"""A review unit changes the points of an approved course, with a reason. Credits are computed anew from it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError
from cec_contracts.review import COURSE_APPROVAL_CHANGED
from cec_review.access import require_own
from cec_review.approvals import store
from cec_review.approvals.domain import ApprovalView, CourseApproval
from cec_review.approvals.refusals import AwardsNotAcceptable
from cec_review.points.domain import RequestedAward, award_errors, award_of, awards_of
from cec_review.policies.store import policy_of
from cec_review.publishes import approval_event
from cec_review.recognitions.require_recognised import standing_of_caller
from cec_review.rulesets.domain import Suggestion, excesses, suggestions
from cec_review.rulesets.store import all_rule_sets

Reason = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S", description="理由")]


class ChangeApproval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All points of the course as they shall be; those left out are no longer given.

    `version`, when given, must be the present one, so that nobody overwrites what they have not seen.
    """

    awards: Annotated[list[RequestedAward], Meta(max_length=300)]
    reason: Reason
    version: Annotated[int, Meta(ge=1)] | None = None


class ChangedApproval(ApprovalView, frozen=True, kw_only=True):
    """An approval with its new points. `warnings` name those above what the formula makes of the minutes
    (`above-suggestion`); they stand all the same. Absent where there are none."""

    warnings: list[FieldError] | msgspec.UnsetType = msgspec.UNSET


async def change_approval(tx: Transaction, course_id: UUID, command: ChangeApproval) -> ChangedApproval:
    """Raises ApprovalNotFound, AnotherReviewUnits, ApprovalWithdrawn, ApprovalChangedMeanwhile, AwardsNotAcceptable,
    ReviewUnitNotRecognised."""
    standing = await standing_of_caller(tx)
    before = await store.load(tx, course_id, lock=True)
    require_own(tx.actor, before.review_unit_id)
    before.require_approved()
    before.require_version(command.version)
    if errors := list(award_errors(command.awards, before.professions, "body.awards")):
        raise AwardsNotAcceptable(errors=errors)
    standing.require(award.profession for award in command.awards)
    awards = awards_of(command.awards)
    if awards == before.awards:
        raise AwardsNotAcceptable(
            errors=[FieldError("body.awards", "unchanged", "積分並無變更 / These are the points it has already")]
        )
    after = before.changed(awards, command.reason.strip(), tx.now)
    await store.save_with_awards(tx, after)
    tx.publish(COURSE_APPROVAL_CHANGED, subject=course_id, sequence=after.version, body=approval_event(after))
    tx.audit(
        "approval.changed",
        subject_type="approval",
        subject_id=course_id,
        reason=after.reason,
        before=before,
        after=after,
    )
    suggested = await _suggested(tx, after)
    found = excesses([award_of(each) for each in command.awards], suggested, "body.awards")
    return msgspec.structs.replace(
        msgspec.convert(after, ChangedApproval, from_attributes=True), warnings=list(found) or msgspec.UNSET
    )


async def _suggested(tx: Transaction, course: CourseApproval) -> list[Suggestion]:
    policy = await policy_of(tx, course.review_unit_id)
    ended_on = taipei_date(course.ends_at)
    return suggestions(
        await all_rule_sets(tx), course.method, course.minutes, course.professions, ended_on, policy.formula
    )
