"""The copy of practitioners: number, id and merges, nothing of licences, nothing of the national ID."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, Uuid, text

from cec_activities.tables import metadata
from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts import identity

practitioners = Table(
    "practitioners",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("merged_into", Uuid),
    # not unique: news of two people whose number was mended may arrive in either order
    Index("practitioners_by_number", "number"),
    Index("practitioners_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
)

_UPSERT = """
INSERT INTO practitioners (id, number, active, merged_into, sequence)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:actives AS boolean[]),
                     CAST(:survivors AS uuid[]), CAST(:sequences AS bigint[]))
              AS news (id, number, active, merged_into, sequence)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET number = excluded.number, active = excluded.active,
    merged_into = excluded.merged_into, sequence = excluded.sequence
WHERE practitioners.sequence < excluded.sequence
"""


async def keep(tx: Transaction, news: Sequence[Received[identity.Practitioner]]) -> None:
    """Takes over what is newer than what we know; `news` holds each practitioner once."""
    await tx.execute(
        _UPSERT,
        ids=[event.body.practitioner_id for event in news],
        numbers=[event.body.number for event in news],
        actives=[event.body.active for event in news],
        survivors=[event.body.merged_into for event in news],
        sequences=[event.sequence for event in news],
    )


async def by_number(tx: Transaction, numbers: Sequence[str]) -> dict[str, UUID]:
    """The active practitioners who have these numbers; a number that nobody has is left out."""
    if not numbers:
        return {}
    rows = await tx.all(
        "SELECT number, id FROM practitioners WHERE number = ANY(CAST(:numbers AS text[])) AND active ORDER BY id",
        numbers=list(numbers),
    )
    return {row.number: row.id for row in rows}
