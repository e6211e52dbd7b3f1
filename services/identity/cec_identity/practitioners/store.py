"""Loading and saving practitioners, many at once, a fixed number of statements whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_contracts.vocabulary import Area
from cec_identity.practitioners.domain import Certificate, Licence, Practitioner
from cec_identity.practitioners.tables import certificates, former_identities, licences, practice_areas, practitioners

__all__ = [
    "certificates",
    "former_identities",
    "licences",
    "load_practitioners",
    "practice_areas",
    "practitioners",
    "save_practitioners",
]

SELECT = """
WITH wanted AS (
    SELECT id FROM practitioners WHERE national_id_index = ANY(CAST(:indexes AS text[]))
    UNION SELECT id FROM practitioners WHERE number = ANY(CAST(:numbers AS text[]))
    UNION SELECT practitioner_id FROM former_identities WHERE national_id_index = ANY(CAST(:indexes AS text[]))
    UNION SELECT * FROM unnest(CAST(:ids AS uuid[]))
)
SELECT p.id, p.number, p.name, p.national_id_index, p.national_id_masked, p.active, p.version, p.merged_into
FROM practitioners p JOIN wanted USING (id)
ORDER BY p.id
"""
"""One branch for each way to find somebody, for each has an index; joined by OR they would read the whole table."""
SELECT_FORMER = """
SELECT practitioner_id, national_id_index FROM former_identities WHERE practitioner_id = ANY(CAST(:ids AS uuid[]))
"""
SELECT_MERGED_INTO = "SELECT id FROM practitioners WHERE merged_into = ANY(CAST(:ids AS uuid[]))"
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
SET number = news.number, name = news.name, version = news.version, changed_at = :now, merged_into = news.merged_into
FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:names AS text[]), CAST(:versions AS bigint[]),
            CAST(:merged AS uuid[]))
     AS news (id, number, name, version, merged_into)
WHERE known.id = news.id AND known.version = news.version - 1
"""
KEEP_FORMER_IDENTITIES = """
INSERT INTO former_identities (id, practitioner_id, number, name, national_id_index, national_id_sealed,
                               national_id_masked, until, reason)
SELECT news.entry, p.id, p.number, p.name, p.national_id_index, p.national_id_sealed, p.national_id_masked, :now, :reason
FROM unnest(CAST(:entries AS uuid[]), CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:names AS text[]),
            CAST(:indexes AS text[])) AS news (entry, id, number, name, index)
JOIN practitioners p USING (id)
WHERE (p.number, p.name, p.national_id_index) <> (news.number, news.name, news.index)
"""
"""Before the change is written: the row still says who the person was. The sealed value goes along as it is."""
CHANGE_NATIONAL_IDS = """
UPDATE practitioners AS known
SET national_id_index = news.index, national_id_sealed = news.sealed, national_id_masked = news.masked
FROM unnest(CAST(:ids AS uuid[]), CAST(:indexes AS text[]), CAST(:sealed AS bytea[]), CAST(:masked AS text[]))
     AS news (id, index, sealed, masked)
WHERE known.id = news.id
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
    whole: bool = False,
) -> list[Practitioner]:
    """Everybody named by id, by index of the national ID (also of a former one) or by number.

    With `lock`, nobody else can change them. With `whole`, whoever was merged into one of them, or one of them was merged
    into, comes along, so that each survivor is together with all its former records.
    """
    wanted = {"ids": list(ids), "indexes": list(indexes), "numbers": list(numbers)}
    people: dict[UUID, Practitioner] = {}
    while any(wanted.values()):
        rows = await tx.all(SELECT + ("FOR UPDATE OF p" if lock else ""), **wanted)
        found = {row.id: _practitioner(row) for row in rows if row.id not in people}
        people |= found
        await _load_parts(tx, found)
        wanted = {"ids": await _relatives(tx, found, people) if whole and found else [], "indexes": [], "numbers": []}
    return list(people.values())


async def _relatives(
    tx: Transaction, found: Mapping[UUID, Practitioner], known: Mapping[UUID, Practitioner]
) -> list[UUID]:
    into = {person.merged_into for person in found.values() if person.merged_into is not None}
    merged = {row.id for row in await tx.all(SELECT_MERGED_INTO, ids=list(found))}
    return sorted((into | merged) - known.keys())


def _practitioner(row: Row[Any]) -> Practitioner:
    return Practitioner(
        practitioner_id=row.id,
        number=row.number,
        name=row.name,
        national_id_index=row.national_id_index,
        national_id_masked=row.national_id_masked,
        active=row.active,
        version=row.version,
        merged_into=row.merged_into,
    )


async def _load_parts(tx: Transaction, people: Mapping[UUID, Practitioner]) -> None:
    if not people:
        return
    known = list(people)
    for row in await tx.all(SELECT_FORMER, ids=known):
        if row.national_id_index != people[row.practitioner_id].national_id_index:
            people[row.practitioner_id].former_indexes.add(row.national_id_index)
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
    tx: Transaction,
    new: Sequence[tuple[Practitioner, bytes]],
    changed: Sequence[Practitioner],
    *,
    resealed: Mapping[UUID, bytes] | None = None,
    reason: str = "",
) -> None:
    """Saves new people with their sealed national IDs, and people who changed, and advances everybody's version.

    Those who changed were loaded with `lock` in this transaction; `resealed` has the sealed number of whoever got another
    national ID. Number, name and national ID that somebody had until now are kept as former ones, with the `reason`.
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
        await _change(tx, changed, resealed or {}, reason)
    await _save_parts(tx, [person for person, _ in new] + list(changed))


async def _change(
    tx: Transaction, changed: Sequence[Practitioner], resealed: Mapping[UUID, bytes], reason: str
) -> None:
    said: dict[str, Any] = {
        "ids": [p.practitioner_id for p in changed],
        "numbers": [p.number for p in changed],
        "names": [p.name for p in changed],
        "now": tx.now,
    }
    await tx.execute(
        KEEP_FORMER_IDENTITIES,
        **said,
        entries=[new_id() for _ in changed],
        indexes=[p.national_id_index for p in changed],
        reason=reason,
    )
    result = await tx.execute(
        CHANGE_PRACTITIONERS,
        **said,
        versions=[p.version for p in changed],
        merged=[p.merged_into for p in changed],
    )
    assert result.rowcount == len(changed), "saved without the lock"
    if resealed:
        others = [p for p in changed if p.practitioner_id in resealed]
        await tx.execute(
            CHANGE_NATIONAL_IDS,
            ids=[p.practitioner_id for p in others],
            indexes=[p.national_id_index for p in others],
            sealed=[resealed[p.practitioner_id] for p in others],
            masked=[p.national_id_masked for p in others],
        )


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
