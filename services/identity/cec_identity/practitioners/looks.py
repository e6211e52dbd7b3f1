"""The trace of a look at somebody else's record. The person can read it: `GET /looks`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from litestar.params import HeaderParameter

from cec_chassis.database import Transaction

Purpose = Annotated[
    str,
    HeaderParameter(
        name="X-Purpose",
        max_length=100,
        description="查詢目的,將留存紀錄並可由本人查閱 / What the look is for; it is written down, and the person may read it",
    ),
]


def looked_at(tx: Transaction, people: Iterable[UUID], action: str, purpose: str) -> None:
    """Writes that these people's records were told to the caller. One's own are nobody's business."""
    own = tx.actor.practitioner_id if tx.actor is not None else None
    for practitioner_id in people:
        if practitioner_id != own:
            tx.look(action, subject_type="practitioner", subject_id=practitioner_id, purpose=purpose)
