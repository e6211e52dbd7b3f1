"""Change what is known of an organisation, or put it out of use and back."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_contracts.identity import ORGANISATION_CHANGED
from cec_identity.organisations.contact import Contact
from cec_identity.organisations.domain import Organisation, OrganisationDetails, RecognitionDecides
from cec_identity.organisations.store import organisation_for_change, update_organisation
from cec_identity.publishes import organisation_news


async def change_organisation(
    tx: Transaction,
    organisation_id: UUID,
    details: OrganisationDetails,
    *,
    active: bool,
    reason: str,
    contact: Contact | None = None,
) -> Organisation:
    """The organisation as it now is. When nothing differs, nothing is written and nobody is told.

    Without `contact` that stays as it is.

    Raises:
        NotFound: there is no such organisation.
        OrganisationCodeTaken: the new code names another organisation.
        RecognitionDecides: other professions to review are asked for.
    """
    known = await organisation_for_change(tx, organisation_id)
    if known is None:
        raise NotFound
    reviewed = (details.reviews_courses, details.reviews_professions)
    if reviewed != (known.reviews_courses, known.reviews_professions):
        raise RecognitionDecides
    wanted = replace(
        known,
        code=details.code,
        name=details.name,
        kind=details.kind,
        county=details.county,
        offers_courses=details.offers_courses,
        active=active,
        contact=known.contact if contact is None else contact,
    )
    return await save_changed(tx, known, wanted, reason)


async def save_changed(tx: Transaction, known: Organisation, wanted: Organisation, reason: str) -> Organisation:
    """Saves `wanted` over `known`, which is held, and tells; nothing of it when they are the same.

    Raises:
        OrganisationCodeTaken: the new code names another organisation.
    """
    if wanted == known:
        return known
    changed = replace(wanted, version=known.version + 1)
    await update_organisation(tx, changed)
    news = organisation_news(changed)
    tx.publish(ORGANISATION_CHANGED, subject=changed.organisation_id, sequence=changed.version, body=news)
    tx.audit(
        "organisation.changed",
        subject_type="organisation",
        subject_id=changed.organisation_id,
        reason=reason,
        before=organisation_news(known),
        after=news,
    )
    return changed
