"""What identity says of recognitions: who may decide from now on, and which decisions have no effect."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.identity import ReviewUnitRecognition
from cec_review.approvals.void_approvals import void_approvals
from cec_review.cases.return_cases import return_cases_of
from cec_review.recognitions import store


async def on_recognition(tx: Transaction, events: Sequence[Received[ReviewUnitRecognition]]) -> None:
    """The copy follows the newest news; what a finding names is withdrawn, open cases of a revoked unit go back.

    Each time everything that the recognition says is looked at again, so it does not matter which of its news got lost
    behind a newer one; what was withdrawn before is not withdrawn twice.
    """
    newer = await store.keep(tx, newest(events))
    # Cases before approvals, as news of activities holds them.
    for review_unit_id in sorted({one.organisation_id for one in newer if one.revoked_at is not None}):
        await return_cases_of(tx, review_unit_id)
    for recognition in newer:
        await void_approvals(tx, recognition)
