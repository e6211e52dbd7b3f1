"""What is taken in of credits' news about standings."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.credits import Standing
from cec_reporting.standings.store import keep_standings


async def on_standing(tx: Transaction, events: Sequence[Received[Standing]]) -> None:
    """The body is the standing as it now is; the subject is practitioner and profession together."""
    await keep_standings(tx, newest(events))
