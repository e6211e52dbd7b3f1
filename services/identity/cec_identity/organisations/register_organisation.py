"""Register an organisation."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_contracts.identity import ORGANISATION_REGISTERED
from cec_identity.organisations.contact import Contact
from cec_identity.organisations.domain import Organisation, OrganisationDetails
from cec_identity.organisations.store import insert_organisation
from cec_identity.publishes import organisation_news
from cec_identity.recognitions.recognise_as_registered import recognise_as_registered


async def register_organisation(
    tx: Transaction, details: OrganisationDetails, contact: Contact | None = None
) -> Organisation:
    """The new organisation; the others hear of it. One that reviews courses is recognised from today on, without end.

    Raises:
        OrganisationCodeTaken: the code names another organisation.
    """
    organisation = Organisation(
        organisation_id=new_id(),
        code=details.code,
        name=details.name,
        kind=details.kind,
        county=details.county,
        offers_courses=details.offers_courses,
        reviews_courses=details.reviews_courses,
        reviews_professions=details.reviews_professions,
        contact=contact or Contact(),
    )
    await insert_organisation(tx, organisation)
    news = organisation_news(organisation)
    tx.publish(ORGANISATION_REGISTERED, subject=organisation.organisation_id, sequence=organisation.version, body=news)
    tx.audit(
        "organisation.registered", subject_type="organisation", subject_id=organisation.organisation_id, after=news
    )
    if organisation.reviews_courses:
        await recognise_as_registered(tx, organisation)
    return organisation
