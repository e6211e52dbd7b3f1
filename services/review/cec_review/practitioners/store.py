"""Table `practitioners`: into which record each was merged, and nothing else of the person."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Index, Table, Uuid, text

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts import identity
from cec_review.tables import metadata

practitioners = Table(
    "practitioners",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("merged_into", Uuid),
    Column("sequence", BigInteger, nullable=False),
    Index("practitioners_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
)

KEEP = """
INSERT INTO practitioners (id, merged_into, sequence)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:survivors AS uuid[]), CAST(:sequences AS bigint[])) AS news (id)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET merged_into = excluded.merged_into, sequence = excluded.sequence
WHERE practitioners.sequence < excluded.sequence
"""


async def keep(tx: Transaction, news: Sequence[Received[identity.Practitioner]]) -> None:
    """Takes over what is newer than what we know; `news` holds each practitioner once."""
    await tx.execute(
        KEEP,
        ids=[event.body.practitioner_id for event in news],
        survivors=[event.body.merged_into for event in news],
        sequences=[event.sequence for event in news],
    )
