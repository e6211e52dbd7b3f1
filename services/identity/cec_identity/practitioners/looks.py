"""The trace of a look at somebody else's record. The person can read it: `GET /looks`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final
from uuid import UUID

from litestar.params import HeaderParameter

from cec_chassis.audit.queries import Subjects
from cec_chassis.database import Transaction

Purpose = Annotated[
    str,
    HeaderParameter(
        name="X-Purpose",
        max_length=100,
        description="查詢目的,將留存紀錄並可由本人查閱 / What the look is for; it is written down, and the person may read it",
    ),
]

EVERY_RECORD: Final = Subjects(
    ids="""
    WITH RECURSIVE mine (id) AS (
        SELECT CAST(:person AS uuid)
        UNION SELECT former.id FROM practitioners AS former JOIN mine ON former.merged_into = mine.id)
    SELECT CAST(id AS text) FROM mine
    """
)
"""A person, under this record and under those that were merged into it."""


def looked_at(tx: Transaction, people: Iterable[UUID], action: str, purpose: str) -> None:
    """Writes that these people's records were told to the caller. One's own are nobody's business."""
    own = tx.actor.practitioner_id if tx.actor is not None else None
    for practitioner_id in people:
        if practitioner_id != own:
            tx.look(action, subject_type="practitioner", subject_id=practitioner_id, purpose=purpose)
