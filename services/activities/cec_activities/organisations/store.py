"""The copy of organisations: table, upsert by newest sequence, look-up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from cec_activities.organisations.domain import Organisation
from cec_activities.tables import metadata
from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts import identity

organisations = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("offers_courses", Boolean, nullable=False),
    Column("reviews_courses", Boolean, nullable=False),
    Column("reviews_professions", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

_UPSERT = """
INSERT INTO organisations (id, name, offers_courses, reviews_courses, reviews_professions, active, sequence)
SELECT id, name, offers_courses, reviews_courses, string_to_array(professions, ','), active, sequence
FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:offers AS boolean[]), CAST(:reviews AS boolean[]),
            CAST(:professions AS text[]), CAST(:actives AS boolean[]), CAST(:sequences AS bigint[]))
     AS news (id, name, offers_courses, reviews_courses, professions, active, sequence)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, offers_courses = excluded.offers_courses, reviews_courses = excluded.reviews_courses,
    reviews_professions = excluded.reviews_professions, active = excluded.active, sequence = excluded.sequence
WHERE organisations.sequence < excluded.sequence
"""


async def keep(tx: Transaction, news: Sequence[Received[identity.Organisation]]) -> None:
    """Takes over what is newer than what we know; `news` holds each organisation once."""
    await tx.execute(
        _UPSERT,
        ids=[event.body.organisation_id for event in news],
        names=[event.body.name for event in news],
        offers=[event.body.offers_courses for event in news],
        reviews=[event.body.reviews_courses for event in news],
        # an array of arrays must be rectangular, so each list travels as one text
        professions=[",".join(event.body.reviews_professions) for event in news],
        actives=[event.body.active for event in news],
        sequences=[event.sequence for event in news],
    )


async def find(tx: Transaction, organisation_id: UUID) -> Organisation | None:
    """What we know of an organisation; None when no news of it has arrived."""
    row = await tx.one_or_none(
        """
        SELECT id, name, offers_courses, reviews_courses, reviews_professions, active
        FROM organisations WHERE id = :id
        """,
        id=organisation_id,
    )
    if row is None:
        return None
    return Organisation(
        organisation_id=row.id,
        name=row.name,
        offers_courses=row.offers_courses,
        reviews_courses=row.reviews_courses,
        reviews_professions=frozenset(row.reviews_professions),
        active=row.active,
    )


async def organisation_names(tx: Transaction, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of those that are known."""
    rows = await tx.all("SELECT id, name FROM organisations WHERE id = ANY(CAST(:ids AS uuid[]))", ids=list(ids))
    return {row.id: row.name for row in rows}
