"""The trace of a look at an activity that names lecturers. They can read it: `GET /looks`."""

from __future__ import annotations

from typing import Final

from cec_activities.activities.domain import Activity
from cec_chassis.audit.queries import Subjects
from cec_chassis.database import Transaction

EVERY_RECORD: Final = Subjects(
    ids="""
    WITH RECURSIVE mine (id) AS (
        SELECT CAST(:person AS uuid)
        UNION SELECT former.id FROM practitioners AS former JOIN mine ON former.merged_into = mine.id)
    SELECT CAST(id AS text) FROM mine
    """
)
"""A person, under this record and under those that were merged into it."""


PURPOSE: Final = "activity"
"""What a look at a lecturer is for here: their activity is planned or reviewed."""


def looked_at_activity(tx: Transaction, activity: Activity) -> None:
    """One row for each lecturer who is a practitioner; one's own look at oneself is nobody's business."""
    named = {lecturer.practitioner_id for lecturer in activity.lecturers().values()}
    own = tx.actor.practitioner_id if tx.actor is not None else None
    for practitioner_id in sorted(person for person in named if person is not None and person != own):
        tx.look(
            "activity.read",
            subject_type="practitioner",
            subject_id=practitioner_id,
            purpose=PURPOSE,
            what={"activity_id": str(activity.activity_id), "activity_code": activity.code},
        )
