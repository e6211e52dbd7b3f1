"""Make a unit's calendar link anew, or take it away."""

from __future__ import annotations

import secrets
from uuid import UUID

import msgspec

from cec_activities.calendar.store import remove_link, save_link
from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound


class CalendarLink(msgspec.Struct, frozen=True, kw_only=True):
    """The secret address of the feed. It is told once; whoever has it may read the calendar.

    `address` is the whole of it, for a calendar program; `path` is its end, below this service's.
    """

    path: str
    address: str


async def make_link(tx: Transaction, organisation_id: UUID, public_address: str) -> CalendarLink:
    """A new link; the one before stops working at once."""
    token = secrets.token_urlsafe(32)
    await save_link(tx, organisation_id, token)
    tx.audit("calendar_link.made", subject_type="organisation", subject_id=organisation_id)
    path = f"/organisations/{organisation_id}/calendar.ics?token={token}"
    return CalendarLink(path=path, address=f"{public_address}/api/v1/activities{path}")


async def take_link_away(tx: Transaction, organisation_id: UUID) -> None:
    """Nobody reads the feed any more. Raises NotFound when there is no link."""
    if not await remove_link(tx, organisation_id):
        raise NotFound
    tx.audit("calendar_link.removed", subject_type="organisation", subject_id=organisation_id)
