"""What the register takes in of the news about activities."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.activities import Activity
from cec_reporting.activities.store import keep_activities


async def on_activity(tx: Transaction, events: Sequence[Received[Activity]]) -> None:
    """Submitted or withdrawn: the body is the activity as it now is."""
    await keep_activities(tx, newest(events))
