"""A practitioner as far as a roster needs to know one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from cec_chassis.problems import FieldError, Refusal


class Practitioner(msgspec.Struct, frozen=True):
    """A practitioner 醫事人員 of our copy; `professions` are those in which the person holds a certificate.

    Somebody who is found by a record that was merged into another one is that one.
    """

    practitioner_id: UUID
    number: str
    name: str
    national_id_masked: str
    professions: frozenset[str]
    active: bool
    former_ids: frozenset[UUID] = frozenset()
    """Former records of the same person, under which lines of rosters may stand."""


class PractitionerUnknown(Refusal):
    """Our copy of the licence registry has nobody like this."""

    slug = "practitioner-unknown"
    status = 422
    title = "查無此醫事人員 / No such practitioner"


class PractitionerAmbiguous(Refusal):
    """What was given fits several people; the registry must be put right, or the person named by number."""

    slug = "practitioner-ambiguous"
    status = 422
    title = "符合之醫事人員不只一位 / More than one practitioner fits"


class PractitionerInactive(Refusal):
    """The registry has closed this person's record."""

    slug = "practitioner-inactive"
    status = 422
    title = "此醫事人員資料已停用 / The practitioner's record is closed"


class PractitionerNotNamed(Refusal):
    """None, or more than one, of the ways to name a practitioner was used."""

    slug = "practitioner-not-named"
    status = 422
    title = "請以一種方式指明醫事人員 / Name the practitioner in exactly one way"


class NationalIdInvalid(Refusal):
    """Form or checksum of the 身分證或統一證號 is wrong."""

    slug = "national-id-invalid"
    status = 422
    title = "身分證或統一證號有誤 / The national ID is not valid"


def the_one(found: Iterable[Practitioner], path: str) -> Practitioner:
    """The single active practitioner among `found`; `path` is where the request named the person.

    Raises:
        PractitionerUnknown, PractitionerAmbiguous, PractitionerInactive
    """
    people = {person.practitioner_id: person for person in found}
    if not people:
        raise named(PractitionerUnknown, path)
    if len(people) > 1:
        raise named(PractitionerAmbiguous, path)
    person = next(iter(people.values()))
    if not person.active:
        raise named(PractitionerInactive, path)
    return person


def named(kind: type[Refusal], path: str, message: str = "") -> Refusal:
    """A refusal that points at one field of what was sent."""
    return kind(message, errors=[FieldError(path, kind.slug, message or kind.title)])
