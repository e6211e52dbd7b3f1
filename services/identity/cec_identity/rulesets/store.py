"""The copy of rule sets: table, upsert by newest sequence, the professions of all of them (there are a handful)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts import credits
from cec_identity.tables import metadata

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("professions", ARRAY(Text), nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

_UPSERT = """
INSERT INTO rule_sets (id, professions, sequence) VALUES (:id, :professions, :sequence)
ON CONFLICT (id) DO UPDATE SET professions = excluded.professions, sequence = excluded.sequence
WHERE rule_sets.sequence < excluded.sequence
"""


async def keep(tx: Transaction, news: Sequence[Received[credits.RuleSet]]) -> None:
    """Takes over what is newer than what we know; `news` holds each rule set once."""
    await tx.execute_many(
        _UPSERT,
        [
            {"id": event.body.rule_set_id, "professions": event.body.professions, "sequence": event.sequence}
            for event in sorted(news, key=lambda event: event.body.rule_set_id)
        ],
    )


async def covered_professions(tx: Transaction) -> frozenset[str]:
    """Every profession that a published rule set covers, as far as we have heard."""
    rows = await tx.all("SELECT DISTINCT unnest(professions) AS profession FROM rule_sets")
    return frozenset(row.profession for row in rows)
