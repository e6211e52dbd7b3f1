"""The outward face: which news identity tells, and how its own values look to the others."""

from __future__ import annotations

from collections.abc import Iterable

from cec_contracts import identity as contract
from cec_identity.accounts.domain import Account
from cec_identity.organisations.domain import Organisation
from cec_identity.practitioners.domain import Practitioner
from cec_identity.signing_keys.domain import SigningKey

PUBLISHES = (
    contract.ORGANISATION_REGISTERED,
    contract.ORGANISATION_CHANGED,
    contract.ACCOUNT_OPENED,
    contract.ACCOUNT_CHANGED,
    contract.PRACTITIONER_REGISTERED,
    contract.PRACTITIONER_CHANGED,
    contract.SIGNING_KEYS_CHANGED,
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
