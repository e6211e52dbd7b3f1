"""What a unit reviews follows from its recognitions, day by day; other services hear it as a change of the unit."""

from __future__ import annotations

from dataclasses import replace

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_identity.organisations.change_organisation import save_changed
from cec_identity.organisations.domain import Organisation
from cec_identity.recognitions.domain import reviewed_professions
from cec_identity.recognitions.store import recognitions_of


async def settle_reviewing(tx: Transaction, organisation: Organisation, reason: str) -> Organisation:
    """The organisation, held by the caller, as its recognitions say today. Told only when it changes."""
    found = await recognitions_of(tx, organisation.organisation_id)
    reviews, professions = reviewed_professions(found, taipei_date(tx.now))
    wanted = replace(organisation, reviews_courses=reviews, reviews_professions=professions)
    return await save_changed(tx, organisation, wanted, reason)
