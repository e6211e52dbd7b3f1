"""A unit starts a new case 新案申請: the activity gets its code S… and waits as a draft 未送審."""

from __future__ import annotations

from cec_activities.activities import store
from cec_activities.activities.access import unit_of
from cec_activities.activities.domain import Activity, Status
from cec_activities.activities.proposal import Proposal
from cec_activities.activities.settle import settle_courses
from cec_activities.activities.size import require_sendable
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id


async def draft_activity(tx: Transaction, proposal: Proposal) -> Activity:
    """Raises ProposalNotAcceptable, AnotherUnitsActivity (an account without a unit)."""
    offering_unit_id = unit_of(tx.actor)
    # codes are taken in the order activity, courses everywhere, so that two commands never wait for one another
    code = next(await store.issue_codes(tx, store.ACTIVITY_CODE, 1))
    activity = Activity(
        activity_id=new_id(),
        code=code,
        offering_unit_id=offering_unit_id,
        title=proposal.title,
        review_unit_id=proposal.review_unit_id,
        method=proposal.method,
        professions=proposal.professions,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        county=proposal.county_of_today,
        place=proposal.place,
        status=Status.DRAFT,
        submission=0,
        submitted_at=None,
        comment="",
        version=1,
        courses=await settle_courses(tx, proposal, None),
        purposes=proposal.purposes,
    )
    require_sendable(activity)
    await store.insert(tx, activity)
    tx.audit("activity.drafted", subject_type="activity", subject_id=activity.activity_id, after=activity)
    return activity
