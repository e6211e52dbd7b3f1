"""The copy of practitioners: the newest state of each, and every state that ever reached us.

The newest is what everything is computed from. The versions answer what was known on a day: a licence that was
corrected afterwards moves the window, and whoever asks about the day of renewal wants the window of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Table, Text, Uuid
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

practitioner_versions = Table(
    "practitioner_versions",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("certificates", JSONB, nullable=False),
    Column("licences", JSONB, nullable=False),
    Column("practice_areas", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("known_at", DateTime(timezone=True), nullable=False),
)

_ROWS = """unnest(
    CAST(:ids AS uuid[]), CAST(:sequences AS bigint[]), CAST(:numbers AS text[]), CAST(:names AS text[]),
    CAST(:certificates AS jsonb[]), CAST(:licences AS jsonb[]), CAST(:areas AS jsonb[]), CAST(:active AS boolean[]))"""
KEEP = f"""
INSERT INTO practitioners AS p (practitioner_id, sequence, number, name, certificates, licences, practice_areas, active)
SELECT * FROM {_ROWS}
ON CONFLICT (practitioner_id) DO UPDATE SET
    sequence = excluded.sequence, number = excluded.number, name = excluded.name,
    certificates = excluded.certificates, licences = excluded.licences, practice_areas = excluded.practice_areas,
    active = excluded.active
WHERE p.sequence < excluded.sequence
"""
APPEND = f"""
INSERT INTO practitioner_versions (practitioner_id, sequence, number, name, certificates, licences, practice_areas,
                                   active, known_at)
SELECT *, CAST(:known_at AS timestamptz) FROM {_ROWS}
ON CONFLICT (practitioner_id, sequence) DO NOTHING
"""


async def append(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Adds these versions; one that is there already stays as it is."""
    await tx.execute(APPEND, **_columns(events), known_at=tx.now)


async def keep(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Keeps these as the newest where they are newer; `events` holds each practitioner once."""
    await tx.execute(KEEP, **_columns(events))


def _columns(events: Sequence[Received[Practitioner]]) -> dict[str, list[Any]]:
    bodies = [event.body for event in events]
    return {
        "ids": [b.practitioner_id for b in bodies],
        "sequences": [e.sequence for e in events],
        "numbers": [b.number for b in bodies],
        "names": [b.name for b in bodies],
        "certificates": [_json(b.certificates) for b in bodies],
        "licences": [_json(b.licences) for b in bodies],
        "areas": [_json(b.practice_areas) for b in bodies],
        "active": [b.active for b in bodies],
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
