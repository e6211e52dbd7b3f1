"""Table of calendar links; what stands in a unit's calendar."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import Column, DateTime, LargeBinary, Table, Uuid

from cec_activities.activities.domain import Status
from cec_activities.tables import metadata
from cec_chassis.database import Transaction

MOST = 2_000

calendar_links = Table(
    "calendar_links",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("token_digest", LargeBinary, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Uuid, nullable=False),
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An activity as far as a calendar shows it."""

    activity_id: UUID
    code: str
    title: str
    status: Status
    starts_on: date
    ends_on: date
    county: str
    place: str
    version: int
    updated_at: datetime


# What begins in the window; withdrawn and failed ones too, so that a calendar that has them can strike them out.
ENTRIES = """
SELECT id AS activity_id, code, title, status, starts_on, ends_on, county, place, version, updated_at
FROM activities
WHERE offering_unit_id = :organisation_id AND status <> 'draft' AND starts_on BETWEEN :since AND :until
ORDER BY starts_on, id LIMIT :most
"""


async def entries(tx: Transaction, organisation_id: UUID, since: date, until: date) -> list[Entry]:
    """What the unit has applied for and begins on one of these days, both counted, the first first."""
    rows = await tx.all(ENTRIES, organisation_id=organisation_id, since=since, until=until, most=MOST)
    return [msgspec.convert(dict(row._mapping), Entry) for row in rows]


async def save_link(tx: Transaction, organisation_id: UUID, token: str) -> None:
    """The unit's link; the one before stops working."""
    await tx.execute(
        """
        INSERT INTO calendar_links (organisation_id, token_digest, made_at, made_by)
        VALUES (:organisation_id, :digest, :now, :by)
        ON CONFLICT (organisation_id) DO UPDATE SET
            token_digest = excluded.token_digest, made_at = excluded.made_at, made_by = excluded.made_by
        """,
        organisation_id=organisation_id,
        digest=digest_of(token),
        by=tx.actor.account_id,
        now=tx.now,
    )


async def remove_link(tx: Transaction, organisation_id: UUID) -> bool:
    """Whether there was one."""
    result = await tx.execute("DELETE FROM calendar_links WHERE organisation_id = :id", id=organisation_id)
    return bool(result.rowcount)


async def opens(tx: Transaction, organisation_id: UUID, token: str) -> bool:
    """Whether the token is the unit's newest one."""
    known = await tx.scalar("SELECT token_digest FROM calendar_links WHERE organisation_id = :id", id=organisation_id)
    return known is not None and hmac.compare_digest(known, digest_of(token))


def digest_of(token: str) -> bytes:
    """SHA-256: enough for 256 random bits, and the table is of no use to a thief."""
    return hashlib.sha256(token.encode()).digest()
