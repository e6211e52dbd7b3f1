"""A unit edits its draft, or what came back 退件. Courses named by id stay; those left out are gone."""

from __future__ import annotations

from uuid import UUID

import msgspec

from cec_activities.activities import store
from cec_activities.activities.access import require_own
from cec_activities.activities.domain import Activity
from cec_activities.activities.proposal import Revision
from cec_activities.activities.settle import settle_courses
from cec_activities.activities.size import require_sendable
from cec_chassis.database import Transaction


async def revise_activity(tx: Transaction, activity_id: UUID, revision: Revision) -> Activity:
    """Raises ActivityNotFound, AnotherUnitsActivity, ActivityFrozen, ActivityChangedMeanwhile, ProposalNotAcceptable."""
    before = await store.load(tx, activity_id, lock=True)
    require_own(tx.actor, before)
    before.require_editable()
    before.require_version(revision.version)
    after = msgspec.structs.replace(
        before,
        title=revision.title,
        review_unit_id=revision.review_unit_id,
        method=revision.method,
        professions=revision.professions,
        starts_on=revision.starts_on,
        ends_on=revision.ends_on,
        county=revision.county_of_today,
        place=revision.place,
        version=before.version + 1,
        courses=await settle_courses(tx, revision, before),
        purposes=revision.purposes,
    )
    require_sendable(after)
    await store.save_with_courses(tx, after)
    tx.audit("activity.revised", subject_type="activity", subject_id=activity_id, before=before, after=after)
    return after
