"""Table of consents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_identity.consents.texts import ConsentText
from cec_identity.tables import metadata

consents = Table(
    "consents",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("text_digest", LargeBinary, nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
)


async def keep_consent(tx: Transaction, account_id: UUID, text: ConsentText, given_at: datetime) -> None:
    """The account's owner agreed to this version then. The first time counts."""
    await tx.execute(
        """
        INSERT INTO consents (account_id, kind, version, text_digest, given_at)
        VALUES (:account_id, :kind, :version, :digest, :given_at) ON CONFLICT DO NOTHING
        """,
        account_id=account_id,
        kind=text.kind.value,
        version=text.version,
        digest=text.digest,
        given_at=given_at,
    )
