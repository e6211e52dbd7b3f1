"""What review says of the cases it decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cec_activities.activities import store
from cec_activities.activities.domain import Status
from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.review import Case

_RESULTS: Final = {"passed": Status.PASSED, "failed": Status.FAILED, "returned": Status.RETURNED}


async def on_case_decided(tx: Transaction, events: Sequence[Received[Case]]) -> None:
    """The activity follows the decision on its present submission; any other decision is old news and changes nothing."""
    decisions = {
        (event.body.activity_id, event.body.submission): event
        for event in newest(events)  # subject is the case, one for each submission
        if event.body.status in _RESULTS
    }
    activity_ids = sorted({activity_id for activity_id, _ in decisions})
    for before in await store.load_all(tx, activity_ids, lock=True):
        decision = decisions.get((before.activity_id, before.submission))
        if decision is None:
            continue
        after = before.decided(decision.body.submission, _RESULTS[decision.body.status], decision.body.comment)
        if after is None:
            continue
        await store.save(tx, after)
        tx.audit(
            f"activity.{after.status}",
            subject_type="activity",
            subject_id=after.activity_id,
            reason=after.comment,
            before={"status": before.status},
            after={"status": after.status, "submission": after.submission, "case_id": decision.body.case_id},
        )
