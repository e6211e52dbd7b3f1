"""Practitioners whose recalculation failed: kept with the error until it succeeds, never passed over in silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
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
FORGET = """
DELETE FROM recalculation_failures f
USING unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[])) AS u(practitioner_id, profession)
WHERE f.practitioner_id = u.practitioner_id AND f.profession = u.profession
"""
NEWEST = """
SELECT practitioner_id, profession, error, failed_at FROM recalculation_failures ORDER BY failed_at DESC LIMIT :limit
"""
MARK_FAILED = """
WITH again AS (DELETE FROM recalculation_failures RETURNING practitioner_id, profession)
INSERT INTO dirty_standings AS d (practitioner_id, profession)
SELECT practitioner_id, profession FROM again ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE SET generation = d.generation + 1
"""


class Failure(msgspec.Struct, frozen=True):
    """Whose recalculation failed, with what error, and when last."""

    practitioner_id: UUID
    profession: str
    error: str
    failed_at: datetime


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


async def forget(tx: Transaction, succeeded: Sequence[tuple[UUID, str]]) -> None:
    """These went well; whatever failed before is settled."""
    if succeeded:
        await tx.execute(
            FORGET,
            practitioners=[practitioner for practitioner, _ in succeeded],
            professions=[profession for _, profession in succeeded],
        )


async def newest(tx: Transaction, limit: int) -> tuple[int, list[Failure]]:
    """How many there are, and the newest of them."""
    rows = await tx.all(NEWEST, limit=limit)
    total = int(await tx.scalar("SELECT count(*) FROM recalculation_failures"))
    return total, [Failure(row.practitioner_id, row.profession, row.error, row.failed_at) for row in rows]


async def mark_failed(tx: Transaction) -> int:
    """Marks every failed one again, after a mend. Returns how many."""
    return (await tx.execute(MARK_FAILED)).rowcount
