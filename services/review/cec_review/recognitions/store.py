"""The copy of recognitions: table, upsert by newest sequence, and those of a unit."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, Index, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.identity import ReviewUnitRecognition
from cec_review.tables import metadata

recognitions = Table(
    "recognitions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("review_unit_id", Uuid, nullable=False),
    Column("recognition", JSONB, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("recognitions_of_unit", "review_unit_id"),
)

_UPSERT = """
INSERT INTO recognitions AS known (id, review_unit_id, recognition, sequence)
SELECT id, review_unit_id, recognition, sequence
FROM unnest(CAST(:ids AS uuid[]), CAST(:units AS uuid[]), CAST(:recognitions AS jsonb[]), CAST(:sequences AS bigint[]))
     AS news (id, review_unit_id, recognition, sequence)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET recognition = excluded.recognition, sequence = excluded.sequence
WHERE known.sequence < excluded.sequence
RETURNING id
"""


async def keep(tx: Transaction, news: Sequence[Received[ReviewUnitRecognition]]) -> list[ReviewUnitRecognition]:
    """Takes over what is newer than what we know; `news` holds each recognition once. Returns what was newer."""
    rows = await tx.all(
        _UPSERT,
        ids=[event.body.recognition_id for event in news],
        units=[event.body.organisation_id for event in news],
        recognitions=[msgspec.json.encode(event.body).decode() for event in news],
        sequences=[event.sequence for event in news],
    )
    newer = {row.id for row in rows}
    return [event.body for event in news if event.body.recognition_id in newer]


async def of_unit(tx: Transaction, review_unit_id: UUID, *, lock: bool = False) -> list[ReviewUnitRecognition]:
    """All that we have heard of a unit's recognitions; with `lock`, none of it changes until this transaction ends."""
    rows = await tx.all(
        f"""
        SELECT CAST(recognition AS text) AS recognition FROM recognitions WHERE review_unit_id = :id
        ORDER BY id {"FOR SHARE" if lock else ""}
        """,
        id=review_unit_id,
    )
    return [msgspec.json.decode(row.recognition, type=ReviewUnitRecognition) for row in rows]
