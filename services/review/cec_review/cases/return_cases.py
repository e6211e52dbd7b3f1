"""Open cases of a unit whose recognition was revoked go back to their units, who send them to another review unit."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_contracts.review import CASE_DECIDED
from cec_review.cases import store
from cec_review.cases.domain import CaseStatus
from cec_review.publishes import case_event
from cec_review.recognitions import store as recognitions
from cec_review.recognitions.domain import covered

COMMENT = (
    "審查單位之認可已廢止，請改選其他審查單位後再送審 / "
    "The recognition of the review unit was revoked; choose another one and submit again"
)


async def return_cases_of(tx: Transaction, review_unit_id: UUID) -> None:
    """Returns every open case with a profession for which the unit is not recognised any more."""
    known = await recognitions.of_unit(tx, review_unit_id)
    for case in await store.lock_open_of_unit(tx, review_unit_id):
        if covered(known, tx.now, case.activity.professions) == set(case.activity.professions):
            continue
        after = case.decided(CaseStatus.RETURNED, COMMENT, tx.now)
        await store.save_decision(tx, after)
        tx.publish(CASE_DECIDED, subject=after.case_id, sequence=after.version, body=case_event(after))
        tx.audit(
            "case.returned",
            subject_type="case",
            subject_id=after.case_id,
            reason=COMMENT,
            before={"status": case.status},
            after={"status": after.status, "activity_id": after.activity_id, "submission": after.submission},
        )
