"""Table of passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
)

from cec_chassis.database import Transaction
from cec_identity.tables import metadata

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("transports", ARRAY(Text), nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
    Column("suspended_at", DateTime(timezone=True)),
    Index("passkeys_by_account", "account_id"),
)

COLUMNS = """id, account_id, credential_id, public_key, sign_count, label, transports, backed_up, registered_at,
last_used_at, suspended_at"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key pair of which we have the public half (COSE), and how often its owner's device says it has signed."""

    passkey_id: UUID
    account_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    label: str
    transports: tuple[str, ...] = ()
    backed_up: bool = False
    """Whether it is copied to other devices of its owner by who made them; such a key does not count."""
    registered_at: datetime
    last_used_at: datetime | None = None
    suspended_at: datetime | None = None
    """Since when it is not accepted, because it looked copied."""


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        passkey_id=row.id,
        account_id=row.account_id,
        credential_id=row.credential_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        label=row.label,
        transports=tuple(row.transports),
        backed_up=row.backed_up,
        registered_at=row.registered_at,
        last_used_at=row.last_used_at,
        suspended_at=row.suspended_at,
    )


async def insert_passkey(tx: Transaction, passkey: Passkey) -> bool:
    """False when this credential is registered already, by whomever."""
    row = await tx.one_or_none(
        """
        INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, label, transports, backed_up,
                              registered_at)
        VALUES (:id, :account_id, :credential_id, :public_key, :sign_count, :label, :transports, :backed_up, :now)
        ON CONFLICT DO NOTHING RETURNING id
        """,
        id=passkey.passkey_id,
        account_id=passkey.account_id,
        credential_id=passkey.credential_id,
        public_key=passkey.public_key,
        sign_count=passkey.sign_count,
        label=passkey.label,
        transports=list(passkey.transports),
        backed_up=passkey.backed_up,
        now=passkey.registered_at,
    )
    return row is not None


async def passkeys_of(tx: Transaction, account_id: UUID) -> list[Passkey]:
    """Of an account, the oldest first."""
    rows = await tx.all(
        f"SELECT {COLUMNS} FROM passkeys WHERE account_id = :id ORDER BY registered_at, id", id=account_id
    )
    return [_passkey(row) for row in rows]


async def passkey_for_use(tx: Transaction, credential_id: bytes) -> Passkey | None:
    """The passkey, held until `tx` ends: of two signatures with one count, the second finds it used."""
    row = await tx.one_or_none(
        f"SELECT {COLUMNS} FROM passkeys WHERE credential_id = :credential_id FOR UPDATE", credential_id=credential_id
    )
    return None if row is None else _passkey(row)


async def mark_used(tx: Transaction, passkey_id: UUID, sign_count: int, *, backed_up: bool) -> None:
    await tx.execute(
        "UPDATE passkeys SET sign_count = :count, backed_up = :backed_up, last_used_at = :now WHERE id = :id",
        id=passkey_id,
        count=sign_count,
        backed_up=backed_up,
        now=tx.now,
    )


async def suspend(tx: Transaction, passkey_id: UUID) -> None:
    """It is not accepted any more."""
    await tx.execute("UPDATE passkeys SET suspended_at = :now WHERE id = :id", id=passkey_id, now=tx.now)


async def rename(tx: Transaction, account_id: UUID, passkey_id: UUID, label: str) -> Passkey | None:
    """None when the account has no such passkey."""
    row = await tx.one_or_none(
        f"UPDATE passkeys SET label = :label WHERE id = :id AND account_id = :account_id RETURNING {COLUMNS}",
        id=passkey_id,
        account_id=account_id,
        label=label,
    )
    return None if row is None else _passkey(row)


async def delete_passkey(tx: Transaction, account_id: UUID, passkey_id: UUID) -> bool:
    """False when the account has no such passkey."""
    result = await tx.execute(
        "DELETE FROM passkeys WHERE id = :id AND account_id = :account_id", id=passkey_id, account_id=account_id
    )
    return result.rowcount == 1
