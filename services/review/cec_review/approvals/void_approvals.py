"""Approvals lose their effect by law: recognised contrary to the rules, or by a unit that was not recognised any more.

Done by the system when identity tells of a finding or a revocation; new facts, as every withdrawal, with article and
reason. Where only some of a course's professions are touched, only their points go.
"""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_contracts.identity import ReviewUnitRecognition
from cec_contracts.review import COURSE_APPROVAL_CHANGED, COURSE_APPROVAL_WITHDRAWN
from cec_review.approvals import store
from cec_review.approvals.domain import ApprovalStatus, CourseApproval
from cec_review.publishes import approval_event
from cec_review.recognitions import store as recognitions
from cec_review.recognitions.domain import Void, reach, void_by_breach, void_by_revocation

REGULATION = "醫事人員執業登記及繼續教育辦法"
_WORDS = {
    "18(2)": f"未依規定採認，不生採認之效果（{REGULATION}第18條第2項） / Recognised contrary to the rules, Art. 18(2)",
    "14(2)": f"審查單位認可已廢止（{REGULATION}第14條第2項） / Decided after the recognition was revoked, Art. 14(2)",
}


async def void_approvals(tx: Transaction, recognition: ReviewUnitRecognition) -> None:
    """Withdraws, or takes points from, whatever this recognition says is void."""
    if recognition.revoked_at is None and not recognition.breaches:
        return
    known = await recognitions.of_unit(tx, recognition.organisation_id)
    named, since = reach(recognition)
    held = await store.lock_decided_of_unit(tx, recognition.organisation_id, course_ids=named, since=since)
    decided = [decision for _, decision in held]
    approvals = {approval.course_id: approval for approval, _ in held}
    voids = {void.course_id: void for void in void_by_revocation(recognition, known, decided)}
    voids |= {void.course_id: void for void in void_by_breach(recognition, decided)}
    for course_id, void in sorted(voids.items()):
        await _void(tx, approvals[course_id], void)


async def _void(tx: Transaction, before: CourseApproval, void: Void) -> None:
    after = before.void(void.professions, void.article, f"{_WORDS[void.article]}：{void.reason}", tx.now)
    withdrawn = after.status is ApprovalStatus.WITHDRAWN
    if withdrawn:
        await store.save(tx, after)
    else:
        await store.save_with_awards(tx, after)
    tx.publish(
        COURSE_APPROVAL_WITHDRAWN if withdrawn else COURSE_APPROVAL_CHANGED,
        subject=after.course_id,
        sequence=after.version,
        body=approval_event(after),
    )
    tx.audit(
        "approval.void",
        subject_type="approval",
        subject_id=after.course_id,
        reason=after.reason,
        before=before,
        after=after,
    )
