"""Finding practitioners, one or ten thousand at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_contracts.codes import spellings
from cec_enrolment.practitioners.domain import Practitioner

COLUMNS = "practitioner_id, number, name, national_id_masked, professions, active, merged_into"

BY_IDS = f"SELECT {COLUMNS} FROM practitioners WHERE practitioner_id = ANY(CAST(:ids AS uuid[]))"
BY_NUMBERS = f"SELECT {COLUMNS} FROM practitioners WHERE number = ANY(CAST(:numbers AS text[]))"
BY_CURRENT = f"""
SELECT {COLUMNS}, national_id_index FROM practitioners WHERE national_id_index = ANY(CAST(:indexes AS text[]))
"""
BY_FORMER = f"""
SELECT {COLUMNS}, former_national_id_indexes FROM practitioners
WHERE former_national_id_indexes <> '{{}}' AND former_national_id_indexes && CAST(:indexes AS text[])
"""
MERGED_INTO = """
SELECT practitioner_id, merged_into FROM practitioners WHERE merged_into = ANY(CAST(:ids AS uuid[]))
"""

Found = Mapping[str, list[Practitioner]]
"""Who fits each number or index that was asked for; nobody: the key is absent."""
Rows = Sequence[Row[Any]]


async def practitioners_with_id(tx: Transaction, practitioner_id: UUID) -> list[Practitioner]:
    return list((await practitioners_with_ids(tx, [practitioner_id])).values())


async def practitioners_with_ids(tx: Transaction, practitioner_ids: Iterable[UUID]) -> dict[UUID, Practitioner]:
    """By the id that was asked for, which may be that of a former record; unknown ones are missing."""
    return await _people(tx, await tx.all(BY_IDS, ids=sorted(practitioner_ids)))


async def practitioners_by_number(tx: Transaction, numbers: Iterable[str]) -> Found:
    """By 人員代碼, in whichever case and width it was typed."""
    wanted = {number: spellings(number) for number in numbers}
    if not wanted:
        return {}
    rows = await tx.all(BY_NUMBERS, numbers=sorted({spelling for each in wanted.values() for spelling in each}))
    people = await _people(tx, rows)
    bearers: dict[str, list[Practitioner]] = defaultdict(list)
    for row in rows:
        bearers[row.number].append(people[row.practitioner_id])
    found = {number: [p for each in wanted[number] for p in bearers.get(each, ())] for number in wanted}
    return {number: those for number, those in found.items() if those}


async def practitioners_by_index(tx: Transaction, indexes: Iterable[str]) -> Found:
    """By keyed index of the national ID. Whoever bears the number now comes before whoever bore it once."""
    wanted = set(indexes)
    found: dict[str, list[Practitioner]] = defaultdict(list)
    if not wanted:
        return found
    rows = await tx.all(BY_CURRENT, indexes=sorted(wanted))
    people = await _people(tx, rows)
    for row in rows:
        found[row.national_id_index].append(people[row.practitioner_id])
    if missing := wanted - found.keys():
        rows = await tx.all(BY_FORMER, indexes=sorted(missing))
        people = await _people(tx, rows)
        for row in rows:
            for index in missing.intersection(row.former_national_id_indexes):
                found[index].append(people[row.practitioner_id])
    return found


async def _people(tx: Transaction, rows: Rows) -> dict[UUID, Practitioner]:
    """For each row the person it stands for: the record at the end of its chain of merges, as far as news of it is here."""
    known = {row.practitioner_id: row for row in rows}
    while missing := {row.merged_into for row in known.values() if row.merged_into} - known.keys():
        found = await tx.all(BY_IDS, ids=sorted(missing))
        if not found:
            break
        known |= {row.practitioner_id: row for row in found}
    ends = {row.practitioner_id: known[_end(row.practitioner_id, known)] for row in rows}
    formers = await former_records(tx, {end.practitioner_id for end in ends.values()})
    return {found: _person(end, formers.get(end.practitioner_id, frozenset())) for found, end in ends.items()}


def _end(practitioner_id: UUID, known: Mapping[UUID, Row[Any]]) -> UUID:
    """News may come in any order: where the next record is not known yet, or points back, the chain ends here."""
    seen = {practitioner_id}
    while (following := known[practitioner_id].merged_into) in known and following not in seen:
        seen.add(following)
        practitioner_id = following
    return practitioner_id


async def former_records(tx: Transaction, survivors: set[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Of each of these, all records that were merged into it, or into one that was."""
    end_of = {survivor: survivor for survivor in survivors}
    nearest = survivors
    while nearest:
        rows = await tx.all(MERGED_INTO, ids=sorted(nearest))
        nearest = {row.practitioner_id for row in rows} - end_of.keys()
        end_of |= {row.practitioner_id: end_of[row.merged_into] for row in rows if row.practitioner_id in nearest}
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for former, end in end_of.items():
        if former != end:
            found[end].add(former)
    return {end: frozenset(formers) for end, formers in found.items()}


def _person(row: Row[Any], former_ids: frozenset[UUID]) -> Practitioner:
    return Practitioner(
        row.practitioner_id,
        row.number,
        row.name,
        row.national_id_masked,
        frozenset(row.professions),
        row.active,
        former_ids,
    )
