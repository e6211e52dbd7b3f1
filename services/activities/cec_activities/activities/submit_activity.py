"""A unit hands its activity to the review unit 送審; from then on the content is frozen."""

from __future__ import annotations

from uuid import UUID

from cec_activities.activities import store
from cec_activities.activities.access import require_own
from cec_activities.activities.checks import submission_errors
from cec_activities.activities.domain import Activity
from cec_activities.activities.refusals import ActivityIncomplete, UnitNotYetKnown
from cec_activities.organisations import store as organisations
from cec_activities.publishes import activity_event
from cec_chassis.database import Transaction
from cec_contracts.activities import ACTIVITY_SUBMITTED


async def submit_activity(tx: Transaction, activity_id: UUID) -> Activity:
    """Raises ActivityNotFound, AnotherUnitsActivity, ActivityFrozen, ActivityIncomplete, UnitNotYetKnown."""
    before = await store.load(tx, activity_id, lock=True)
    require_own(tx.actor, before)
    after = before.submitted(tx.now)
    unit = await organisations.find(tx, before.offering_unit_id)
    if unit is None:
        raise UnitNotYetKnown(headers={"Retry-After": "1"})
    if errors := submission_errors(before, await organisations.find(tx, before.review_unit_id)):
        raise ActivityIncomplete(errors=errors)
    await store.save(tx, after)
    tx.publish(
        ACTIVITY_SUBMITTED, subject=activity_id, sequence=after.version, body=activity_event(after, unit_name=unit.name)
    )
    tx.audit(
        "activity.submitted",
        subject_type="activity",
        subject_id=activity_id,
        before={"status": before.status},
        after=after,
    )
    return after
