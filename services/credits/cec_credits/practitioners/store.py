"""The copy of practitioners: the newest state of each, guarded by its sequence."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.identity import Practitioner
from cec_credits.tables import metadata

practitioners = Table(
    "practitioners",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("certificates", JSONB, nullable=False),
    Column("licences", JSONB, nullable=False),
    Column("practice_areas", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
)

KEEP = """
INSERT INTO practitioners AS p (practitioner_id, sequence, number, name, certificates, licences, practice_areas, active)
SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:sequences AS bigint[]), CAST(:numbers AS text[]), CAST(:names AS text[]),
    CAST(:certificates AS jsonb[]), CAST(:licences AS jsonb[]), CAST(:areas AS jsonb[]), CAST(:active AS boolean[]))
ON CONFLICT (practitioner_id) DO UPDATE SET
    sequence = excluded.sequence, number = excluded.number, name = excluded.name,
    certificates = excluded.certificates, licences = excluded.licences, practice_areas = excluded.practice_areas,
    active = excluded.active
WHERE p.sequence < excluded.sequence
"""


async def keep(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Keeps these where they are newer; `events` holds each practitioner once."""
    bodies = [event.body for event in events]
    await tx.execute(
        KEEP,
        ids=[b.practitioner_id for b in bodies],
        sequences=[e.sequence for e in events],
        numbers=[b.number for b in bodies],
        names=[b.name for b in bodies],
        certificates=[_json(b.certificates) for b in bodies],
        licences=[_json(b.licences) for b in bodies],
        areas=[_json(b.practice_areas) for b in bodies],
        active=[b.active for b in bodies],
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
