"""Practitioners who meet their requirement and who do not, counted by profession and renewal month."""

from __future__ import annotations

from datetime import datetime

import msgspec

from cec_chassis.database import Transaction
from cec_reporting.freshness import as_of


class ComplianceCount(msgspec.Struct, frozen=True, kw_only=True):
    """One line: `practitioners` 人數 of a profession whose window closed in `renewal_month` (`2026-03`).

    `renewal_month` is null for those whose window was open when credits last told of them. `met` 已達標 and `not_met`
    未達標 add up to `practitioners`.
    """

    profession: str
    renewal_month: str | None
    practitioners: int
    met: int
    not_met: int


class ComplianceCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The whole table, counted at this moment from all facts; `as_of` is the time of the newest event taken in.

    Who has two professions is counted in both, so `total` counts standings, not persons.
    """

    as_of: datetime | None
    rows: list[ComplianceCount]
    total: int


COUNT = """
SELECT profession, to_char(closed_on, 'YYYY-MM') AS renewal_month, count(*) AS practitioners,
       count(*) FILTER (WHERE met) AS met, count(*) FILTER (WHERE NOT met) AS not_met
FROM standings
WHERE NOT merged AND (CAST(:profession AS text) IS NULL OR profession = :profession)
GROUP BY 1, 2
ORDER BY 1, 2 NULLS LAST
"""


async def compliance_of(tx: Transaction, profession: str | None) -> ComplianceCounts:
    """Of one profession, or of all. Counts the facts anew each time; nothing is added up beforehand."""
    fresh = await as_of(tx)  # before the count: the figures are never older than they say
    rows = [msgspec.convert(row._mapping, ComplianceCount) for row in await tx.all(COUNT, profession=profession)]
    return ComplianceCounts(as_of=fresh, rows=rows, total=sum(row.practitioners for row in rows))
