"""What the register takes in of review's decisions."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.review import Case
from cec_reporting.activities.store import keep_cases


async def on_case_decided(tx: Transaction, events: Sequence[Received[Case]]) -> None:
    """Passed, failed or returned."""
    await keep_cases(tx, newest(events))
