"""Table of consents: a row for each time that somebody agreed, and when they withdrew it. No row is ever removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid, text

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_identity.consents.domain import Given
from cec_identity.consents.texts import ConsentKind, ConsentText
from cec_identity.tables import metadata

consents = Table(
    "consents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("text_digest", LargeBinary, nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Index(
        "one_standing_consent",
        "account_id",
        "kind",
        "version",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    Index("consents_by_account", "account_id", "given_at"),
)

WITHDRAWN = """
a.state = 'disabled' AND a.state_by IS NOT DISTINCT FROM 'owner'
AND EXISTS (SELECT FROM consents c WHERE c.account_id = a.id AND c.withdrawn_at IS NOT NULL)
AND NOT EXISTS (SELECT FROM consents c WHERE c.account_id = a.id AND c.withdrawn_at IS NULL)
"""
"""Of an account `a`: its owner has withdrawn the consent, by which it was closed, and has not come back. Never NULL."""


async def keep_consent(tx: Transaction, account_id: UUID, consent: ConsentText, given_at: datetime) -> bool:
    """The account's owner agreed to this version then. As long as that stands the first time counts: False."""
    kept = await tx.one_or_none(
        """
        INSERT INTO consents (id, account_id, kind, version, text_digest, given_at)
        VALUES (:id, :account_id, :kind, :version, :digest, :given_at)
        ON CONFLICT (account_id, kind, version) WHERE withdrawn_at IS NULL DO NOTHING RETURNING id
        """,
        id=new_id(),
        account_id=account_id,
        kind=consent.kind.value,
        version=consent.version,
        digest=consent.digest,
        given_at=given_at,
    )
    return kept is not None


async def consents_of(tx: Transaction, account_id: UUID) -> list[Given]:
    """What the owner of an account agreed to, the oldest first, withdrawn or not."""
    rows = await tx.all(
        "SELECT kind, version, given_at, withdrawn_at FROM consents WHERE account_id = :id ORDER BY given_at, kind, id",
        id=account_id,
    )
    return [Given(ConsentKind(row.kind), row.version, row.given_at, row.withdrawn_at) for row in rows]


async def mark_withdrawn(tx: Transaction, account_id: UUID, kind: ConsentKind) -> list[str]:
    """The versions that stood until now, in order."""
    rows = await tx.all(
        """
        UPDATE consents SET withdrawn_at = :now WHERE account_id = :id AND kind = :kind AND withdrawn_at IS NULL
        RETURNING version
        """,
        id=account_id,
        kind=kind.value,
        now=tx.now,
    )
    return sorted(row.version for row in rows)


async def has_withdrawn(tx: Transaction, account_id: UUID) -> bool:
    """Whether the account is closed because its owner withdrew the consent."""
    return bool(await tx.scalar(f"SELECT {WITHDRAWN} FROM accounts a WHERE a.id = :id", id=account_id))
