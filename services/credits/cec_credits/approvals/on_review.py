"""What review decides about courses."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.review import CourseApproval
from cec_credits.approvals import store
from cec_credits.recalculation.lanes import nudge
from cec_credits.recalculation.store import mark_courses


async def on_course_approval(tx: Transaction, events: Sequence[Received[CourseApproval]]) -> None:
    """Granted, changed, withdrawn, or being examined: the version is added, and everybody on the rosters is marked."""
    courses = [event.body.course_id for event in events]
    await store.hold_while_approving(tx, courses)
    await store.append(tx, events)
    await mark_courses(tx, courses, events[-1].traceparent)
    tx.after_commit(nudge)
