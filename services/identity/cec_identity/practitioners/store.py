"""Tables of practitioners; loading and saving many at once, a fixed number of statements whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from cec_chassis.database import Transaction
from cec_contracts.vocabulary import Area
from cec_identity.practitioners.domain import Certificate, Licence, Practitioner
from cec_identity.tables import metadata

practitioners = Table(
    "practitioners",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("national_id_index", Text, nullable=False, unique=True),
    Column("national_id_sealed", LargeBinary, nullable=False),
    Column("national_id_masked", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
certificates = Table(
    "certificates",
    metadata,
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id"), primary_key=True),
    Column("profession", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Index("certificates_by_number", "number"),
)
licences = Table(
    "licences",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id"), nullable=False),
    Column("profession", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("extended_until", Date),
    Column("institution_code", Text, nullable=False),
    Column("county", Text, nullable=False),
    UniqueConstraint("practitioner_id", "profession", "valid_from"),
)
practice_areas = Table(
    "practice_areas",
    metadata,
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id"), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("area", Text, nullable=False),
)

SELECT = """
SELECT id, number, name, national_id_index, national_id_masked, active, version FROM practitioners
WHERE id = ANY(CAST(:ids AS uuid[])) OR national_id_index = ANY(CAST(:indexes AS text[]))
   OR number = ANY(CAST(:numbers AS text[]))
ORDER BY id
"""
SELECT_CERTIFICATES = """
SELECT practitioner_id, profession, number, issued_on FROM certificates
WHERE practitioner_id = ANY(CAST(:ids AS uuid[]))
"""
SELECT_LICENCES = """
SELECT id, practitioner_id, profession, valid_from, valid_until, extended_until, institution_code, county FROM licences
WHERE practitioner_id = ANY(CAST(:ids AS uuid[]))
"""
SELECT_AREAS = """
SELECT practitioner_id, since, area FROM practice_areas WHERE practitioner_id = ANY(CAST(:ids AS uuid[]))
"""
INSERT_PRACTITIONERS = """
INSERT INTO practitioners (id, number, name, national_id_index, national_id_sealed, national_id_masked, active,
                           version, registered_at, changed_at)
SELECT id, number, name, index, sealed, masked, true, 1, :now, :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:names AS text[]), CAST(:indexes AS text[]),
            CAST(:sealed AS bytea[]), CAST(:masked AS text[])) AS news (id, number, name, index, sealed, masked)
"""
CHANGE_PRACTITIONERS = """
UPDATE practitioners AS known
SET number = news.number, name = news.name, version = news.version, changed_at = :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:names AS text[]), CAST(:versions AS bigint[]))
     AS news (id, number, name, version)
WHERE known.id = news.id AND known.version = news.version - 1
"""
SAVE_CERTIFICATES = """
INSERT INTO certificates (practitioner_id, profession, number, issued_on)
SELECT * FROM unnest(CAST(:people AS uuid[]), CAST(:professions AS text[]), CAST(:numbers AS text[]),
                     CAST(:issued AS date[]))
ON CONFLICT (practitioner_id, profession) DO UPDATE SET number = excluded.number, issued_on = excluded.issued_on
WHERE (certificates.number, certificates.issued_on) <> (excluded.number, excluded.issued_on)
"""
SAVE_LICENCES = """
INSERT INTO licences (id, practitioner_id, profession, valid_from, valid_until, extended_until, institution_code, county)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:people AS uuid[]), CAST(:professions AS text[]),
                     CAST(:froms AS date[]), CAST(:untils AS date[]), CAST(:extended AS date[]),
                     CAST(:institutions AS text[]), CAST(:counties AS text[]))
ON CONFLICT (practitioner_id, profession, valid_from) DO UPDATE
SET valid_until = excluded.valid_until, extended_until = excluded.extended_until,
    institution_code = excluded.institution_code, county = excluded.county
WHERE (licences.valid_until, licences.extended_until, licences.institution_code, licences.county)
      IS DISTINCT FROM
      (excluded.valid_until, excluded.extended_until, excluded.institution_code, excluded.county)
"""
SAVE_AREAS = """
INSERT INTO practice_areas (practitioner_id, since, area)
SELECT * FROM unnest(CAST(:people AS uuid[]), CAST(:sinces AS date[]), CAST(:areas AS text[]))
ON CONFLICT (practitioner_id, since) DO UPDATE SET area = excluded.area WHERE practice_areas.area <> excluded.area
"""


async def load_practitioners(
    tx: Transaction,
    *,
    ids: Sequence[UUID] = (),
    indexes: Sequence[str] = (),
    numbers: Sequence[str] = (),
    lock: bool = False,
) -> list[Practitioner]:
    """Everybody named by id, by index of the national ID or by number. With `lock`, nobody else can change them."""
    rows = await tx.all(
        SELECT + ("FOR UPDATE" if lock else ""), ids=list(ids), indexes=list(indexes), numbers=list(numbers)
    )
    people = {
        row.id: Practitioner(
            practitioner_id=row.id,
            number=row.number,
            name=row.name,
            national_id_index=row.national_id_index,
            national_id_masked=row.national_id_masked,
            active=row.active,
            version=row.version,
        )
        for row in rows
    }
    await _load_parts(tx, people)
    return list(people.values())


async def _load_parts(tx: Transaction, people: Mapping[UUID, Practitioner]) -> None:
    if not people:
        return
    known = list(people)
    for row in await tx.all(SELECT_CERTIFICATES, ids=known):
        people[row.practitioner_id].certify(Certificate(row.profession, row.number, row.issued_on))
    for row in await tx.all(SELECT_LICENCES, ids=known):
        people[row.practitioner_id].license(
            Licence(
                licence_id=row.id,
                profession=row.profession,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                extended_until=row.extended_until,
                institution_code=row.institution_code,
                county=row.county,
            )
        )
    for row in await tx.all(SELECT_AREAS, ids=known):
        people[row.practitioner_id].practise_in(Area(row.area), row.since)


async def save_practitioners(
    tx: Transaction, new: Sequence[tuple[Practitioner, bytes]], changed: Sequence[Practitioner]
) -> None:
    """Saves new people with their sealed national IDs, and people who changed, and advances everybody's version.

    Those who changed were loaded with `lock` in this transaction.
    """
    for person, _ in new:
        person.version = 1
    for person in changed:
        person.version += 1
    if new:
        await tx.execute(
            INSERT_PRACTITIONERS,
            ids=[p.practitioner_id for p, _ in new],
            numbers=[p.number for p, _ in new],
            names=[p.name for p, _ in new],
            indexes=[p.national_id_index for p, _ in new],
            sealed=[sealed for _, sealed in new],
            masked=[p.national_id_masked for p, _ in new],
            now=tx.now,
        )
    if changed:
        result = await tx.execute(
            CHANGE_PRACTITIONERS,
            ids=[p.practitioner_id for p in changed],
            numbers=[p.number for p in changed],
            names=[p.name for p in changed],
            versions=[p.version for p in changed],
            now=tx.now,
        )
        assert result.rowcount == len(changed), "saved without the lock"
    await _save_parts(tx, [person for person, _ in new] + list(changed))


async def _save_parts(tx: Transaction, people: Sequence[Practitioner]) -> None:
    held = [(p.practitioner_id, c) for p in people for c in p.certificates.values()]
    if held:
        await tx.execute(
            SAVE_CERTIFICATES,
            people=[who for who, _ in held],
            professions=[c.profession for _, c in held],
            numbers=[c.number for _, c in held],
            issued=[c.issued_on for _, c in held],
        )
    licensed = [(p.practitioner_id, licence) for p in people for licence in p.licences.values()]
    if licensed:
        await tx.execute(SAVE_LICENCES, **_licence_columns(licensed))
    areas = [(p.practitioner_id, since, area) for p in people for since, area in p.areas.items()]
    if areas:
        await tx.execute(
            SAVE_AREAS,
            people=[who for who, _, _ in areas],
            sinces=[since for _, since, _ in areas],
            areas=[area.value for _, _, area in areas],
        )


def _licence_columns(licensed: Sequence[tuple[UUID, Licence]]) -> dict[str, list[Any]]:
    return {
        "ids": [licence.licence_id for _, licence in licensed],
        "people": [who for who, _ in licensed],
        "professions": [licence.profession for _, licence in licensed],
        "froms": [licence.valid_from for _, licence in licensed],
        "untils": [licence.valid_until for _, licence in licensed],
        "extended": [licence.extended_until for _, licence in licensed],
        "institutions": [licence.institution_code for _, licence in licensed],
        "counties": [licence.county for _, licence in licensed],
    }
