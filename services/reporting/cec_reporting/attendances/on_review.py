"""What is taken in of review's news about approved courses."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.review import CourseApproval
from cec_reporting.attendances.store import keep_courses


async def on_course_approval(tx: Transaction, events: Sequence[Received[CourseApproval]]) -> None:
    """Granted, changed or withdrawn: the body is the approval as it now is; a withdrawn one stays, marked."""
    await keep_courses(tx, newest(events))
