"""Which record speaks for a person: the survivor at the end of the line of merges. For whoever knows an older record."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cec_chassis.database import Transaction

LINE = """
WITH RECURSIVE line AS (
    SELECT id, merged_into, 0 AS place FROM practitioners WHERE id = :id
    UNION ALL SELECT p.id, p.merged_into, l.place + 1 FROM practitioners p JOIN line l ON p.id = l.merged_into
)
SELECT id FROM line ORDER BY place
"""
FOLLOWS = """
UPDATE practitioner_merges SET moved_accounts = array_append(moved_accounts, :account)
WHERE former_id = ANY(CAST(:formers AS uuid[])) AND separated_at IS NULL
"""


async def line_in_use(tx: Transaction, practitioner_id: UUID) -> list[UUID]:
    """The record and those it was merged into, the survivor last; empty when there is none, or the survivor is not active.

    Merges and separations of it wait until `tx` ends. Only the survivor is held: each of them changes it, and whoever held
    two records in this order would wait for a merge that holds them in the other.
    """
    line = await _line(tx, practitioner_id)
    while line:
        held = await tx.one_or_none("SELECT active FROM practitioners WHERE id = :id FOR SHARE", id=line[-1])
        known, line = line, await _line(tx, practitioner_id)
        if known == line:
            return line if held is not None and held.active else []
    return []


async def follow_merges(tx: Transaction, line: Sequence[UUID], account_id: UUID) -> None:
    """The account was opened for the first record of the line and is tied to the last: when one of the merges between them
    is taken back, it goes back as well."""
    await tx.execute(FOLLOWS, account=account_id, formers=list(line[:-1]))


async def name_in_registry(tx: Transaction, practitioner_id: UUID) -> str:
    """The name of this record."""
    name: str = await tx.scalar("SELECT name FROM practitioners WHERE id = :id", id=practitioner_id)
    return name


async def _line(tx: Transaction, practitioner_id: UUID) -> list[UUID]:
    return [row.id for row in await tx.all(LINE, id=practitioner_id)]
