"""What is told about practitioners. The national ID is masked in every answer."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.codes import spellings
from cec_contracts.vocabulary import Area
from cec_identity.practitioners.domain import Practitioner
from cec_identity.practitioners.family import Families
from cec_identity.practitioners.store import load_practitioners


class CertificateView(msgspec.Struct, kw_only=True):
    """證書."""

    profession: str
    number: str
    issued_on: date


class LicenceView(msgspec.Struct, kw_only=True):
    """執業執照; `extended_until` is the end by extension letters, if any."""

    licence_id: UUID
    profession: str
    valid_from: date
    valid_until: date
    extended_until: date | None
    institution_code: str
    county: str


class PracticeAreaView(msgspec.Struct, kw_only=True):
    """執業地區 from this day on."""

    since: date
    area: Area


class PractitionerCard(msgspec.Struct, kw_only=True):
    """What a unit sees when it looks somebody up: enough to know whom it has before it."""

    practitioner_id: UUID
    number: str
    name: str
    national_id_masked: str
    certificates: list[CertificateView]
    active: bool


class PractitionerView(PractitionerCard, kw_only=True):
    """What the person and administrators see. A record that was merged names the survivor in `merged_into`; a survivor
    shows what is known under all its records, and which those are."""

    licences: list[LicenceView]
    practice_areas: list[PracticeAreaView]
    merged_into: UUID | None
    merged_from: list[UUID]


async def practitioner_by_id(tx: Transaction, practitioner_id: UUID) -> PractitionerView | None:
    """One record, or None."""
    family = Families(await load_practitioners(tx, ids=[practitioner_id], whole=True))
    person = family.people.get(practitioner_id)
    return None if person is None else _view(person, family)


async def practitioner_by_index(tx: Transaction, index: str) -> PractitionerView | None:
    """The person who bears this national ID, or bore it once; None when there is none."""
    family = Families(await load_practitioners(tx, indexes=[index], whole=True))
    found = [p for p in family.people.values() if index in {p.national_id_index, *p.former_indexes}]
    # whoever bears the number now comes before whoever bore it once
    found.sort(key=lambda person: person.national_id_index != index)
    return _view(family.survivor(found[0]), family) if found else None


async def practitioners_page(tx: Transaction, paging: Paging, *, number: str | None) -> Page[PractitionerCard]:
    """Everybody, or whoever has this number however it is typed, ordered by number."""
    where = "WHERE (CAST(:numbers AS text[]) IS NULL OR number = ANY(CAST(:numbers AS text[])))"
    numbers = None if number is None else spellings(number)
    total = await tx.scalar(f"SELECT count(*) FROM practitioners {where}", numbers=numbers)
    rows = await tx.all(
        f"SELECT id FROM practitioners {where} ORDER BY number LIMIT :limit OFFSET :offset",
        numbers=numbers,
        limit=paging.limit,
        offset=paging.offset,
    )
    people = await load_practitioners(tx, ids=[row.id for row in rows])
    return paging.of([_card(person) for person in sorted(people, key=lambda person: person.number)], total)


def _view(person: Practitioner, family: Families) -> PractitionerView:
    whole = family.whole(person)
    return PractitionerView(
        **msgspec.structs.asdict(_card(whole)),
        licences=[
            LicenceView(
                licence_id=licence.licence_id,
                profession=licence.profession,
                valid_from=licence.valid_from,
                valid_until=licence.valid_until,
                extended_until=licence.extended_until,
                institution_code=licence.institution_code,
                county=licence.county,
            )
            for _, licence in sorted(whole.licences.items())
        ],
        practice_areas=[PracticeAreaView(since=since, area=area) for since, area in sorted(whole.areas.items())],
        merged_into=person.merged_into,
        merged_from=sorted(each.practitioner_id for each in family.formers(person)),
    )


def _card(person: Practitioner) -> PractitionerCard:
    return PractitionerCard(
        practitioner_id=person.practitioner_id,
        number=person.number,
        name=person.name,
        national_id_masked=person.national_id_masked,
        certificates=[
            CertificateView(profession=c.profession, number=c.number, issued_on=c.issued_on)
            for _, c in sorted(person.certificates.items())
        ],
        active=person.active,
    )
