"""A review unit decides a case 審定: passed with points for every course, failed, or returned for changes."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError
from cec_contracts.review import CASE_DECIDED
from cec_review.access import require_own
from cec_review.approvals.domain import CourseApproval
from cec_review.approvals.grant_approvals import grant_approvals
from cec_review.cases import store
from cec_review.cases.decision import Decision, decided_awards, decision_errors, decision_warnings
from cec_review.cases.domain import RESULTS, Case, CaseStatus
from cec_review.cases.queries import DecidedCase
from cec_review.cases.refusals import DecisionNotAcceptable, NewerSubmissionExists
from cec_review.policies.store import policy_of
from cec_review.publishes import case_event
from cec_review.recognitions.require_recognised import standing_of_caller
from cec_review.rulesets.store import all_rule_sets


async def decide_case(tx: Transaction, case_id: UUID, decision: Decision) -> DecidedCase:
    """Raises CaseNotFound, AnotherReviewUnits, CaseAlreadyDecided, ActivityWithdrawn, NewerSubmissionExists,
    DecisionNotAcceptable, ReviewUnitNotRecognised."""
    standing = await standing_of_caller(tx)
    before = await store.load(tx, case_id, lock=True)
    require_own(tx.actor, before.review_unit_id)
    after = before.decided(RESULTS[decision.decision], decision.comment.strip(), tx.now)
    if await store.is_superseded(tx, before):
        raise NewerSubmissionExists
    standing.require(before.activity.professions if after.status is CaseStatus.PASSED else ())
    approvals, warnings = await _check_and_grant(tx, after, decision)
    await store.save_decision(tx, after)
    tx.publish(CASE_DECIDED, subject=case_id, sequence=after.version, body=case_event(after))
    tx.audit(
        f"case.{after.status}",
        subject_type="case",
        subject_id=case_id,
        reason=after.comment,
        before={"status": before.status},
        after={"status": after.status, "activity_id": after.activity_id, "submission": after.submission},
    )
    return DecidedCase.of(after, approvals, warnings)


async def _check_and_grant(
    tx: Transaction, case: Case, decision: Decision
) -> tuple[list[CourseApproval], list[FieldError]]:
    """The approvals, and what looks like a slip in their points."""
    policy = await policy_of(tx, case.review_unit_id)
    found = case.suggestions(await all_rule_sets(tx), policy.formula)
    suggested = {course_id: [each.award() for each in suggestions] for course_id, suggestions in found.items()}
    if errors := decision_errors(decision, case.activity, suggested):
        raise DecisionNotAcceptable(errors=errors)
    if case.status is not CaseStatus.PASSED:
        return [], []
    approvals = await grant_approvals(tx, case, decided_awards(decision, suggested))
    return approvals, decision_warnings(decision, found)
