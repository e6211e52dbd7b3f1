"""What enrolment says about attendance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.enrolment import Attendance
from cec_credits.approvals.store import hold_while_attending
from cec_credits.ledger import store
from cec_credits.recalculation.lanes import lane_of
from cec_credits.recalculation.store import mark_attendances


async def on_attendance(tx: Transaction, events: Sequence[Received[Attendance]]) -> None:
    """Recorded, corrected or withdrawn: the version is added to the ledger and its practitioner marked."""
    attendances = [event.body.attendance_id for event in events]
    await hold_while_attending(tx, [event.body.course_id for event in events])
    await store.hold(tx, attendances)
    await store.append(tx, events)
    await mark_attendances(tx, attendances, [event.traceparent for event in events])
    tx.after_commit(partial(lane_of(in_bulk=tx.context.in_bulk).told, len(events)))
