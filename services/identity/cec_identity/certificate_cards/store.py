"""Table of the cards that accounts have registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, Row, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_identity.tables import metadata

certificate_cards = Table(
    "certificate_cards",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False, unique=True),
    Column("holder", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("valid_until", DateTime(timezone=True), nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
    Index("certificate_cards_by_account", "account_id"),
)

COLUMNS = "id, account_id, holder, authority, valid_until, registered_at, last_used_at"

OF_NATIONAL_ID = """
WITH RECURSIVE known AS (
    SELECT id FROM practitioners WHERE national_id_index = :index
    UNION SELECT f.practitioner_id FROM former_identities f JOIN practitioners p ON p.id = f.practitioner_id
          WHERE f.national_id_index = :index AND :holder IN (f.name, p.name)
            AND NOT EXISTS (SELECT FROM practitioners WHERE national_id_index = :index)
), line AS (
    SELECT id, merged_into FROM practitioners WHERE id IN (SELECT id FROM known)
    UNION SELECT p.id, p.merged_into FROM practitioners p JOIN line l ON p.id = l.merged_into
), person AS (
    SELECT p.id FROM practitioners p JOIN line l ON l.id = p.id WHERE p.merged_into IS NULL AND p.active
)
SELECT a.id FROM accounts a JOIN person ON person.id = a.practitioner_id
WHERE a.role = 'practitioner' AND (SELECT count(*) FROM person) = 1
"""
"""Whoever bears the number comes before whoever bore it once; of several who bore it, nobody is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A certificate that opens an account. `holder` and `authority` are the common names in it."""

    card_id: UUID
    account_id: UUID
    holder: str
    authority: str
    valid_until: datetime
    registered_at: datetime
    last_used_at: datetime | None = None


def _card(row: Row[Any]) -> Card:
    return Card(
        card_id=row.id,
        account_id=row.account_id,
        holder=row.holder,
        authority=row.authority,
        valid_until=row.valid_until,
        registered_at=row.registered_at,
        last_used_at=row.last_used_at,
    )


async def insert_card(tx: Transaction, card: Card, fingerprint: bytes) -> bool:
    """False when this certificate is registered already, by whomever."""
    row = await tx.one_or_none(
        """
        INSERT INTO certificate_cards (id, account_id, fingerprint, holder, authority, valid_until, registered_at)
        VALUES (:id, :account_id, :fingerprint, :holder, :authority, :valid_until, :now)
        ON CONFLICT DO NOTHING RETURNING id
        """,
        id=card.card_id,
        account_id=card.account_id,
        fingerprint=fingerprint,
        holder=card.holder,
        authority=card.authority,
        valid_until=card.valid_until,
        now=card.registered_at,
    )
    return row is not None


async def card_used(tx: Transaction, fingerprint: bytes) -> UUID | None:
    """The account that registered this certificate; it has been used now. None when none has."""
    account_id: UUID | None = await tx.scalar(
        "UPDATE certificate_cards SET last_used_at = :now WHERE fingerprint = :fingerprint RETURNING account_id",
        fingerprint=fingerprint,
        now=tx.now,
    )
    return account_id


async def account_of_national_id(tx: Transaction, index: str, holder: str) -> UUID | None:
    """The account of the practitioner with this national ID, whichever of their records has it; `holder` is the name in
    the certificate.

    A number that somebody bore once finds them as well, if the card is in their name: a former number may be a mistake that
    was put right, and then it is somebody else's.
    """
    account_id: UUID | None = await tx.scalar(OF_NATIONAL_ID, index=index, holder=holder)
    return account_id


async def cards_of(tx: Transaction, account_id: UUID) -> list[Card]:
    """Of an account, the oldest first."""
    rows = await tx.all(
        f"SELECT {COLUMNS} FROM certificate_cards WHERE account_id = :id ORDER BY registered_at, id", id=account_id
    )
    return [_card(row) for row in rows]


async def delete_card(tx: Transaction, account_id: UUID, card_id: UUID) -> bool:
    """False when the account has no such card."""
    result = await tx.execute(
        "DELETE FROM certificate_cards WHERE id = :id AND account_id = :account_id", id=card_id, account_id=account_id
    )
    return result.rowcount == 1
