"""Tables of who the owners of accounts are, of e-mail addresses to be confirmed, of wishes for rights."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid, text

from cec_chassis.database import Transaction
from cec_identity.tables import metadata

account_identities = Table(
    "account_identities",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("national_id_index", Text, nullable=False),
    Column("national_id_sealed", LargeBinary, nullable=False),
    Column("national_id_masked", Text, nullable=False),
    Index("account_identities_by_national_id", "national_id_index"),
)
email_changes = Table(
    "email_changes",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("email", Text, nullable=False),
    Column("token_digest", LargeBinary, nullable=False, unique=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
)
rights_requests = Table(
    "rights_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("organisation_id", Uuid, ForeignKey("organisations.id"), nullable=False),
    Column("justification", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Uuid),
    Index("one_open_rights_request", "account_id", unique=True, postgresql_where=text("status = 'open'")),
    Index("rights_requests_by_status", "status", "id"),
)


class EmailChange(NamedTuple):
    """An address that is to be confirmed."""

    account_id: UUID
    email: str


async def keep_identity(tx: Transaction, account_id: UUID, *, index: str, sealed: bytes, masked: str) -> None:
    """Who the owner of an account is; `sealed` is bound to the account."""
    await tx.execute(
        """
        INSERT INTO account_identities (account_id, national_id_index, national_id_sealed, national_id_masked)
        VALUES (:account_id, :index, :sealed, :masked)
        """,
        account_id=account_id,
        index=index,
        sealed=sealed,
        masked=masked,
    )


async def ask_confirmation(tx: Transaction, account_id: UUID, email: str, digest: bytes, expires_at: datetime) -> None:
    """The address waits for its confirmation; an earlier one of the account waits no longer."""
    await tx.execute(
        """
        INSERT INTO email_changes (account_id, email, token_digest, expires_at, asked_at)
        VALUES (:account_id, :email, :digest, :expires_at, :now)
        ON CONFLICT (account_id) DO UPDATE SET email = excluded.email, token_digest = excluded.token_digest,
                                               expires_at = excluded.expires_at, asked_at = excluded.asked_at
        """,
        account_id=account_id,
        email=email,
        digest=digest,
        expires_at=expires_at,
        now=tx.now,
    )


async def take_confirmation(tx: Transaction, digest: bytes) -> EmailChange | None:
    """The address of this link, which is used up by it; None when the link is worth nothing."""
    row = await tx.one_or_none(
        """
        DELETE FROM email_changes WHERE token_digest = :digest AND expires_at > :now RETURNING account_id, email
        """,
        digest=digest,
        now=tx.now,
    )
    return None if row is None else EmailChange(row.account_id, row.email)
