"""Whose activity it is: units change and read their own, review units read what was addressed to them."""

from __future__ import annotations

from uuid import UUID

from cec_activities.activities.domain import Activity, Status
from cec_activities.activities.refusals import AnotherUnitsActivity
from cec_chassis.context import Actor
from cec_contracts.vocabulary import AccountRole

REVIEWING = frozenset({AccountRole.REVIEW_UNIT, AccountRole.COMMITTEE_MEMBER})


def unit_of(actor: Actor) -> UUID:
    """The unit the caller acts for. Raises AnotherUnitsActivity when the account belongs to none."""
    if actor.organisation_id is None:
        raise AnotherUnitsActivity("此帳號不屬於任何單位 / This account belongs to no unit")
    return actor.organisation_id


def require_own(actor: Actor, activity: Activity) -> None:
    """Raises AnotherUnitsActivity unless the caller's unit offers the activity."""
    if unit_of(actor) != activity.offering_unit_id:
        raise AnotherUnitsActivity


def require_readable(actor: Actor, activity: Activity) -> None:
    """Raises AnotherUnitsActivity.

    Administrators read everything. A review unit reads what is addressed to it once it has been submitted; a draft is
    nobody's business but its own unit's.
    """
    if actor.role == AccountRole.SYSTEM_ADMINISTRATOR:
        return
    if actor.role in REVIEWING:
        if unit_of(actor) != activity.review_unit_id or activity.status is Status.DRAFT:
            raise AnotherUnitsActivity
        return
    require_own(actor, activity)
