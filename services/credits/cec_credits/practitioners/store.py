"""The copy of practitioners: the newest state of each, and every state that ever reached us.

The newest is what everything is computed from. The versions answer what was known on a day: a licence that was
corrected afterwards moves the window, and whoever asks about the day of renewal wants the window of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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
    Column("national_id_index", Text),
    Column("national_id_masked", Text),
    Column("former_national_id_indexes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("merged_into", Uuid),
)
Index(
    "practitioners_merged",
    practitioners.c.merged_into,
    postgresql_where=text("merged_into IS NOT NULL"),
)
Index("practitioners_by_national_id", practitioners.c.national_id_index)
Index("practitioners_by_former_national_id", practitioners.c.former_national_id_indexes, postgresql_using="gin")
Index("practitioners_by_number", practitioners.c.number)
Index(
    "practitioners_by_certificate",
    practitioners.c.certificates,
    postgresql_using="gin",
    postgresql_ops={"certificates": "jsonb_path_ops"},
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
    Column("merged_into", Uuid),
)
Index(
    "practitioner_versions_merged",
    practitioner_versions.c.practitioner_id,
    postgresql_where=text("merged_into IS NOT NULL"),
)

_STATE = """CAST(:ids AS uuid[]), CAST(:sequences AS bigint[]), CAST(:numbers AS text[]), CAST(:names AS text[]),
    CAST(:certificates AS jsonb[]), CAST(:licences AS jsonb[]), CAST(:areas AS jsonb[]), CAST(:active AS boolean[]),
    CAST(:merged AS uuid[])"""
KEEP = f"""
INSERT INTO practitioners AS p (practitioner_id, sequence, number, name, certificates, licences, practice_areas, active,
                                merged_into, national_id_index, national_id_masked, former_national_id_indexes)
SELECT u.id, u.sequence, u.number, u.name, u.certificates, u.licences, u.areas, u.active, u.merged, u.national_id_index,
       u.national_id_masked, ARRAY(SELECT jsonb_array_elements_text(u.former))
FROM unnest({_STATE}, CAST(:indexes AS text[]), CAST(:masked AS text[]), CAST(:former AS jsonb[]))
     AS u(id, sequence, number, name, certificates, licences, areas, active, merged, national_id_index,
          national_id_masked, former)
ON CONFLICT (practitioner_id) DO UPDATE SET
    sequence = excluded.sequence, number = excluded.number, name = excluded.name,
    certificates = excluded.certificates, licences = excluded.licences, practice_areas = excluded.practice_areas,
    active = excluded.active, merged_into = excluded.merged_into, national_id_index = excluded.national_id_index,
    national_id_masked = excluded.national_id_masked, former_national_id_indexes = excluded.former_national_id_indexes
WHERE p.sequence < excluded.sequence
   OR (p.sequence = excluded.sequence AND (p.national_id_index IS NULL OR p.national_id_masked IS NULL))
"""
"""A row from before the index, or the masked ID, was kept is completed when its state is said again."""
SELECT_MASKED = """
SELECT coalesce(national_id_masked, '') FROM practitioners WHERE practitioner_id = :practitioner
"""
APPEND = f"""
INSERT INTO practitioner_versions (practitioner_id, sequence, number, name, certificates, licences, practice_areas,
                                   active, merged_into, known_at)
SELECT *, CAST(:known_at AS timestamptz) FROM unnest({_STATE})
ON CONFLICT (practitioner_id, sequence) DO NOTHING
"""


async def append(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Adds these versions; one that is there already stays as it is."""
    await tx.execute(APPEND, **_columns(events), known_at=tx.now)


async def keep(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Keeps these as the newest where they are newer; `events` holds each practitioner once."""
    bodies = [event.body for event in events]
    await tx.execute(
        KEEP,
        **_columns(events),
        indexes=[b.national_id_index for b in bodies],
        masked=[b.national_id_masked for b in bodies],
        former=[_json(b.former_national_id_indexes) for b in bodies],
    )


async def masked_national_id(tx: Transaction, practitioner_id: UUID) -> str:
    """The national ID as it may be shown, `A12****789`, by the newest state; empty when it has not been told yet."""
    return str(await tx.scalar(SELECT_MASKED, practitioner=practitioner_id) or "")


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
        "merged": [b.merged_into for b in bodies],
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
