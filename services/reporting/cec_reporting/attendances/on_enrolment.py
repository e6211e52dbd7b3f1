"""What is taken in of enrolment's news about attendance."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.enrolment import Attendance
from cec_reporting.attendances.store import keep_attendances


async def on_attendance(tx: Transaction, events: Sequence[Received[Attendance]]) -> None:
    """Recorded, corrected or withdrawn: the body is the attendance as it now is; a withdrawn one stays, marked."""
    await keep_attendances(tx, newest(events))
