"""A unit takes its activity back 撤回 while it lies with the review unit. It stays withdrawn."""

from __future__ import annotations

from uuid import UUID

from cec_activities.activities import store
from cec_activities.activities.access import require_own
from cec_activities.activities.domain import Activity
from cec_activities.activities.refusals import UnitNotYetKnown
from cec_activities.organisations import store as organisations
from cec_activities.publishes import activity_event
from cec_chassis.database import Transaction
from cec_contracts.activities import ACTIVITY_WITHDRAWN


async def withdraw_activity(tx: Transaction, activity_id: UUID) -> Activity:
    """Raises ActivityNotFound, AnotherUnitsActivity, ActivityNotSubmitted."""
    before = await store.load(tx, activity_id, lock=True)
    require_own(tx.actor, before)
    after = before.withdrawn()
    unit = await organisations.find(tx, before.offering_unit_id)
    if unit is None:
        raise UnitNotYetKnown(headers={"Retry-After": "1"})
    await store.save(tx, after)
    tx.publish(
        ACTIVITY_WITHDRAWN, subject=activity_id, sequence=after.version, body=activity_event(after, unit_name=unit.name)
    )
    tx.audit(
        "activity.withdrawn",
        subject_type="activity",
        subject_id=activity_id,
        before={"status": before.status},
        after={"status": after.status},
    )
    return after
