"""Practitioners whose recalculation failed: kept with the error until it succeeds, never passed over in silence."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Column, DateTime, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_credits.tables import metadata

recalculation_failures = Table(
    "recalculation_failures",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("profession", Text, primary_key=True),
    Column("error", Text, nullable=False),
    Column("failed_at", DateTime(timezone=True), nullable=False),
)

RECORD = """
INSERT INTO recalculation_failures AS f (practitioner_id, profession, error, failed_at)
SELECT *, CAST(:now AS timestamptz)
FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[]), CAST(:errors AS text[]))
ON CONFLICT (practitioner_id, profession) DO UPDATE SET error = excluded.error, failed_at = excluded.failed_at
"""
MARK_FAILED = """
WITH again AS (DELETE FROM recalculation_failures RETURNING practitioner_id, profession)
INSERT INTO dirty_standings AS d (practitioner_id, profession)
SELECT practitioner_id, profession FROM again ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE SET generation = d.generation + 1
"""


async def record(tx: Transaction, failed: Sequence[tuple[UUID, str, str]]) -> None:
    """Keeps practitioner, profession and error of each."""
    if failed:
        await tx.execute(
            RECORD,
            practitioners=[practitioner for practitioner, _, _ in failed],
            professions=[profession for _, profession, _ in failed],
            errors=[error for _, _, error in failed],
            now=tx.now,
        )


async def mark_failed(tx: Transaction) -> int:
    """Marks every failed one again, after a mend. Returns how many."""
    return (await tx.execute(MARK_FAILED)).rowcount
