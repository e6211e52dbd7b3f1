"""What activities says of submissions and withdrawals."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.activities import Activity
from cec_review.approvals.withdraw_approval import withdraw_approvals_of
from cec_review.cases import store

CROSSED = "開課單位於審定前已撤回申請 / The unit had withdrawn the activity before it heard of the decision"


async def on_activity(tx: Transaction, events: Sequence[Received[Activity]]) -> None:
    """Each submission is a case, and a withdrawal ends it, in whatever order the news arrives.

    A withdrawal that crossed with our decision to pass wins: the unit was told that it had withdrawn, so what we
    approved is withdrawn as well.
    """
    crossed = await store.take_in(tx, _newest_of_each_submission(events))
    await withdraw_approvals_of(tx, crossed, CROSSED)


def _newest_of_each_submission(events: Sequence[Received[Activity]]) -> list[Received[Activity]]:
    """An activity's older submission is a case of its own; `newest` by activity would lose it."""
    latest: dict[tuple[UUID, int], Received[Activity]] = {}
    for event in events:
        key = (event.body.activity_id, event.body.submission)
        if key not in latest or latest[key].sequence < event.sequence:
            latest[key] = event
    return list(latest.values())
