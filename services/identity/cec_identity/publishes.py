"""The outward face: which news identity tells, and how its own values look to the others."""

from __future__ import annotations

from collections.abc import Iterable

from cec_contracts import identity as contract
from cec_contracts.audit import IDENTITY_AUDIT_HEAD
from cec_identity.accounts.domain import Account
from cec_identity.organisations.domain import Organisation
from cec_identity.practitioners.domain import Practitioner
from cec_identity.recognitions.domain import Recognition
from cec_identity.signing_keys.domain import SigningKey

PUBLISHES = (
    contract.ORGANISATION_REGISTERED,
    contract.ORGANISATION_CHANGED,
    contract.ACCOUNT_OPENED,
    contract.ACCOUNT_CHANGED,
    contract.REVIEW_UNIT_RECOGNISED,
    contract.REVIEW_UNIT_RECOGNITION_EXTENDED,
    contract.REVIEW_UNIT_BREACH_FOUND,
    contract.REVIEW_UNIT_RECOGNITION_REVOKED,
    contract.PRACTITIONER_REGISTERED,
    contract.PRACTITIONER_CHANGED,
    contract.SIGNING_KEYS_CHANGED,
    IDENTITY_AUDIT_HEAD,
)

SIGNING_KEYS_SUBJECT = "signing-keys"
"""There is one set of keys; its version is the sequence."""


def organisation_news(organisation: Organisation) -> contract.Organisation:
    """The organisation as others know it."""
    return contract.Organisation(
        organisation_id=organisation.organisation_id,
        code=organisation.code,
        name=organisation.name,
        kind=organisation.kind,
        county=organisation.county,
        offers_courses=organisation.offers_courses,
        reviews_courses=organisation.reviews_courses,
        reviews_professions=list(organisation.reviews_professions),
        active=organisation.active,
        department=organisation.contact.department,
        phone=organisation.contact.phone,
        fax=organisation.contact.fax,
        district=organisation.contact.district,
        street=organisation.contact.street,
        website=organisation.contact.website,
    )


def account_news(account: Account) -> contract.Account:
    """The account without anything by which one signs in."""
    return contract.Account(
        account_id=account.account_id,
        name=account.name,
        role=account.role,
        organisation_id=account.organisation_id,
        practitioner_id=account.practitioner_id,
        active=account.active,
        state=account.state,
    )


def recognition_news(recognition: Recognition) -> contract.ReviewUnitRecognition:
    """The recognition with everything that was found since."""
    return contract.ReviewUnitRecognition(
        recognition_id=recognition.recognition_id,
        organisation_id=recognition.organisation_id,
        professions=list(recognition.professions),
        valid_from=recognition.valid_from,
        valid_until=recognition.valid_until,
        document=recognition.document,
        revoked_at=recognition.revoked_at,
        revoked_under=recognition.ground.article if recognition.ground else "",
        reason=recognition.reason,
        may_apply_from=recognition.may_apply_from,
        breaches=[
            contract.Breach(
                breach_id=breach.breach_id,
                course_ids=list(breach.course_ids),
                decided_from=breach.decided_from,
                decided_until=breach.decided_until,
                reason=breach.reason,
                found_at=breach.found_at,
            )
            for breach in recognition.breaches
        ],
    )


def practitioner_news(person: Practitioner) -> contract.Practitioner:
    """The practitioner with the index of the national ID and never the ID; parts in the order of their dates."""
    return contract.Practitioner(
        practitioner_id=person.practitioner_id,
        number=person.number,
        name=person.name,
        national_id_index=person.national_id_index,
        national_id_masked=person.national_id_masked,
        former_national_id_indexes=sorted(person.former_indexes),
        certificates=[
            contract.Certificate(profession=c.profession, number=c.number, issued_on=c.issued_on)
            for _, c in sorted(person.certificates.items())
        ],
        licences=[
            contract.Licence(
                licence_id=licence.licence_id,
                profession=licence.profession,
                valid_from=licence.valid_from,
                valid_until=licence.valid_until,
                extended_until=licence.extended_until,
                institution_code=licence.institution_code,
                county=licence.county,
            )
            for _, licence in sorted(person.licences.items())
        ],
        practice_areas=[contract.PracticeArea(since=since, area=area) for since, area in sorted(person.areas.items())],
        active=person.active,
        merged_into=person.merged_into,
    )


def signing_keys_news(keys: Iterable[SigningKey]) -> contract.SigningKeys:
    """The public halves of all keys that may have signed a valid token, or soon will."""
    return contract.SigningKeys(
        keys=[
            contract.SigningKey(
                kid=key.kid,
                public_jwk=key.public_jwk,
                status=key.status.value,
                not_before=key.not_before,
                retires_at=key.retires_at,
            )
            for key in keys
        ]
    )
