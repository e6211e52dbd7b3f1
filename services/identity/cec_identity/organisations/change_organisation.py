"""Change what is known of an organisation, or put it out of use and back."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_contracts.identity import ORGANISATION_CHANGED
from cec_identity.organisations.domain import Organisation, OrganisationDetails
from cec_identity.organisations.store import organisation_for_change, update_organisation
from cec_identity.publishes import organisation_news


async def change_organisation(
    tx: Transaction, organisation_id: UUID, details: OrganisationDetails, *, active: bool, reason: str
) -> Organisation:
    """The organisation as it now is. When nothing differs, nothing is written and nobody is told.

    Raises:
        NotFound: there is no such organisation.
        OrganisationCodeTaken: the new code names another organisation.
    """
    known = await organisation_for_change(tx, organisation_id)
    if known is None:
        raise NotFound
    wanted = replace(
        known,
        code=details.code,
        name=details.name,
        kind=details.kind,
        county=details.county,
        offers_courses=details.offers_courses,
        reviews_courses=details.reviews_courses,
        reviews_professions=details.reviews_professions,
        active=active,
    )
    if wanted == known:
        return known
    changed = replace(wanted, version=known.version + 1)
    await update_organisation(tx, changed)
    news = organisation_news(changed)
    tx.publish(ORGANISATION_CHANGED, subject=organisation_id, sequence=changed.version, body=news)
    tx.audit(
        "organisation.changed",
        subject_type="organisation",
        subject_id=organisation_id,
        reason=reason,
        before=organisation_news(known),
        after=news,
    )
    return changed
