"""Finding practitioners, one or ten thousand at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_enrolment.practitioners.domain import Practitioner

COLUMNS = "practitioner_id, number, name, national_id_masked, professions, active"

BY_ID = f"SELECT {COLUMNS} FROM practitioners WHERE practitioner_id = :id"
BY_NUMBERS = f"SELECT {COLUMNS} FROM practitioners WHERE number = ANY(CAST(:numbers AS text[]))"
BY_CURRENT = f"""
SELECT {COLUMNS}, national_id_index FROM practitioners WHERE national_id_index = ANY(CAST(:indexes AS text[]))
"""
BY_FORMER = f"""
SELECT {COLUMNS}, former_national_id_indexes FROM practitioners
WHERE former_national_id_indexes <> '{{}}' AND former_national_id_indexes && CAST(:indexes AS text[])
"""

Found = Mapping[str, list[Practitioner]]
"""Who fits each number or index that was asked for; nobody: the key is absent."""


async def practitioners_with_id(tx: Transaction, practitioner_id: UUID) -> list[Practitioner]:
    return [_person(row) for row in await tx.all(BY_ID, id=practitioner_id)]


async def practitioners_by_number(tx: Transaction, numbers: Iterable[str]) -> Found:
    """By 人員代碼."""
    wanted = sorted(set(numbers))
    found: dict[str, list[Practitioner]] = defaultdict(list)
    if wanted:
        for row in await tx.all(BY_NUMBERS, numbers=wanted):
            found[row.number].append(_person(row))
    return found


async def practitioners_by_index(tx: Transaction, indexes: Iterable[str]) -> Found:
    """By keyed index of the national ID. Whoever bears the number now comes before whoever bore it once."""
    wanted = set(indexes)
    found: dict[str, list[Practitioner]] = defaultdict(list)
    if not wanted:
        return found
    for row in await tx.all(BY_CURRENT, indexes=sorted(wanted)):
        found[row.national_id_index].append(_person(row))
    if missing := wanted - found.keys():
        for row in await tx.all(BY_FORMER, indexes=sorted(missing)):
            for index in missing.intersection(row.former_national_id_indexes):
                found[index].append(_person(row))
    return found


def _person(row: Row[Any]) -> Practitioner:
    return Practitioner(
        row.practitioner_id, row.number, row.name, row.national_id_masked, frozenset(row.professions), row.active
    )
