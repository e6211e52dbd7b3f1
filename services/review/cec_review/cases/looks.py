"""The trace of a look at a submission that names lecturers. They can read it: `GET /looks`."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_review.cases.queries import CaseView


def looked_at_case(tx: Transaction, case: CaseView) -> None:
    """One row for each lecturer who is a practitioner; one's own look at oneself is nobody's business."""
    named = {lecturer.practitioner_id for course in case.activity.courses for lecturer in course.lecturers}
    own = tx.actor.practitioner_id if tx.actor is not None else None
    for practitioner_id in sorted(person for person in named if person is not None and person != own):
        tx.look(
            "case.read",
            subject_type="practitioner",
            subject_id=practitioner_id,
            purpose="review",
            what={"case_id": str(case.case_id), "activity_code": case.activity.code},
        )
