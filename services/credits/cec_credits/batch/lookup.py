"""Who the rows of a file are about: by the keyed index of the national ID, by number, or by certificate.

Whoever was merged into another record is that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_contracts.codes import spellings
from cec_credits.batch.domain import AskedRow, RowProblem

BY_NATIONAL_ID = """
SELECT w.place, coalesce(m.survivor_id, p.practitioner_id) AS practitioner_id
FROM unnest(CAST(:places AS integer[]), CAST(:wanted AS text[])) AS w(place, wanted)
JOIN practitioners p ON p.national_id_index = w.wanted LEFT JOIN merged_people m USING (practitioner_id)
UNION
SELECT w.place, coalesce(m.survivor_id, p.practitioner_id) AS practitioner_id
FROM unnest(CAST(:places AS integer[]), CAST(:wanted AS text[])) AS w(place, wanted)
JOIN practitioners p ON p.former_national_id_indexes @> ARRAY[w.wanted] LEFT JOIN merged_people m USING (practitioner_id)
"""
BY_NUMBER = """
SELECT DISTINCT w.place, coalesce(m.survivor_id, p.practitioner_id) AS practitioner_id
FROM unnest(CAST(:places AS integer[]), CAST(:wanted AS text[])) AS w(place, wanted)
JOIN practitioners p ON p.number = w.wanted LEFT JOIN merged_people m USING (practitioner_id)
"""
BY_CERTIFICATE = """
SELECT w.place, coalesce(m.survivor_id, p.practitioner_id) AS practitioner_id
FROM unnest(CAST(:places AS integer[]), CAST(:wanted AS jsonb[])) AS w(place, wanted)
JOIN practitioners p ON p.certificates @> jsonb_build_array(w.wanted) LEFT JOIN merged_people m USING (practitioner_id)
"""
UNKNOWN = RowProblem("unknown-practitioner", "查無此人 / Nobody is known by this")
UNKNOWN_DIGITS = RowProblem(
    UNKNOWN.slug,
    "查無此人；字號如以 0 開頭，請將儲存格格式設為文字後重新輸入"
    " / Nobody is known by this; if the number begins with zeros, make the cell text and enter it again",
)
"""A spreadsheet that takes 000001 for a number has made 1 of it."""
AMBIGUOUS = RowProblem(
    "ambiguous", "證書字號有多人，請載明證書類別 / Several people hold this number; name the profession"
)


class Named(NamedTuple):
    """A row and whom it names, or why it names nobody."""

    row: AskedRow
    practitioner_id: UUID | None
    problem: RowProblem | None = None


async def find_people(tx: Transaction, rows: Sequence[AskedRow], profession: str | None) -> list[Named]:
    """Each row with its person, in the order of the rows; one query for each way of naming.

    `profession` is the one the whole batch asks about; it also tells apart certificates of the same number.
    """
    indexes: list[tuple[int, str]] = []
    numbers: list[tuple[int, str]] = []
    certificates: list[tuple[int, dict[str, str]]] = []
    for place, row in enumerate(rows):
        if row.problem is not None:
            continue
        if row.national_id_index is not None:
            indexes.append((place, row.national_id_index))
        elif row.number is not None:
            numbers.extend((place, spelling) for spelling in spellings(row.number))
        elif row.certificate_number is not None:
            of = row.profession or profession
            certificates.append((place, {"number": row.certificate_number} | ({"profession": of} if of else {})))
    found: dict[int, set[UUID]] = {}
    for sql, wanted in ((BY_NATIONAL_ID, indexes), (BY_NUMBER, numbers), (BY_CERTIFICATE, certificates)):
        if wanted:
            for match in await tx.all(sql, places=[p for p, _ in wanted], wanted=[_bound(w) for _, w in wanted]):
                found.setdefault(match.place, set()).add(match.practitioner_id)
    return [_named(row, found.get(place, set())) for place, row in enumerate(rows)]


def _bound(wanted: str | dict[str, str]) -> str:
    return wanted if isinstance(wanted, str) else msgspec.json.encode(wanted).decode()


def _named(row: AskedRow, people: set[UUID]) -> Named:
    if row.problem is not None:
        return Named(row, None, row.problem)
    if len(people) == 1:
        return Named(row, next(iter(people)))
    if people:
        return Named(row, None, AMBIGUOUS)
    digits = (row.number or row.certificate_number or "").isdecimal() and not row.shown.startswith("0")
    return Named(row, None, UNKNOWN_DIGITS if digits else UNKNOWN)
