"""Table `organisations`: names by id."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Column, Table, Text, Uuid

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts import identity
from cec_review.tables import metadata

organisations = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

KEEP = """
INSERT INTO organisations (id, name, sequence)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:sequences AS bigint[])) AS news (id)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET name = excluded.name, sequence = excluded.sequence
WHERE organisations.sequence < excluded.sequence
"""


async def keep(tx: Transaction, news: Sequence[Received[identity.Organisation]]) -> None:
    """Takes over what is newer than what we know; `news` holds each organisation once."""
    await tx.execute(
        KEEP,
        ids=[event.body.organisation_id for event in news],
        names=[event.body.name for event in news],
        sequences=[event.sequence for event in news],
    )


async def organisation_names(tx: Transaction, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of those that are known."""
    rows = await tx.all("SELECT id, name FROM organisations WHERE id = ANY(CAST(:ids AS uuid[]))", ids=list(ids))
    return {row.id: row.name for row in rows}
