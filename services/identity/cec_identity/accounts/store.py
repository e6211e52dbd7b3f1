"""Table of accounts; opening, changing and finding one."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Row, Table, Text, Uuid, text

from cec_chassis.database import Transaction
from cec_contracts.vocabulary import AccountRole, AccountState
from cec_identity.accounts.domain import Account, AccountNameTaken, PractitionerHasAccount, StateBy, name_key
from cec_identity.tables import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("organisation_id", Uuid, ForeignKey("organisations.id")),
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id")),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_by", Text),
    Column("state_reason", Text, nullable=False),
    Column("state_since", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("accounts_by_organisation", "organisation_id"),
    Index(
        "one_account_of_a_practitioner",
        "practitioner_id",
        unique=True,
        postgresql_where=text("role = 'practitioner'"),
    ),
)

COLUMNS = "id, name, role, organisation_id, practitioner_id, state, state_by, state_reason, version"
INSERT = """
INSERT INTO accounts (id, name, name_key, role, organisation_id, practitioner_id, password_hash, active, state,
                      state_reason, version, opened_at, changed_at, state_since)
VALUES (:id, :name, :name_key, :role, :organisation_id, :practitioner_id, :password_hash, :active, :state, '', :version,
        :now, :now, :now)
ON CONFLICT DO NOTHING RETURNING id
"""


class Credentials(NamedTuple):
    """What sign-in compares."""

    account: Account
    password_hash: str


def account_of(row: Row[Any]) -> Account:
    """A row with COLUMNS as the value."""
    return Account(
        account_id=row.id,
        name=row.name,
        role=AccountRole(row.role),
        organisation_id=row.organisation_id,
        practitioner_id=row.practitioner_id,
        state=AccountState(row.state),
        state_by=StateBy(row.state_by) if row.state_by else None,
        state_reason=row.state_reason,
        version=row.version,
    )


async def insert_account(tx: Transaction, account: Account, password_hash: str) -> None:
    """Raises AccountNameTaken or PractitionerHasAccount."""
    key = name_key(account.name)
    inserted = await tx.one_or_none(
        INSERT,
        id=account.account_id,
        name=account.name,
        name_key=key,
        role=account.role.value,
        organisation_id=account.organisation_id,
        practitioner_id=account.practitioner_id,
        password_hash=password_hash,
        active=account.active,
        state=account.state.value,
        version=account.version,
        now=tx.now,
    )
    if inserted is None:
        taken = await tx.scalar("SELECT EXISTS (SELECT FROM accounts WHERE name_key = :key)", key=key)
        raise AccountNameTaken if taken else PractitionerHasAccount


async def account_for_change(tx: Transaction, account_id: UUID) -> Account | None:
    """The account, which nobody else can change until `tx` ends; None when there is none."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM accounts WHERE id = :id FOR UPDATE", id=account_id)
    return None if row is None else account_of(row)


async def account_in_use(tx: Transaction, account_id: UUID) -> Account | None:
    """The account, which keeps its state until `tx` ends, because a session of it is about to begin."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM accounts WHERE id = :id FOR NO KEY UPDATE", id=account_id)
    return None if row is None else account_of(row)


async def account_by_id(tx: Transaction, account_id: UUID) -> Account | None:
    """The account as it is at this moment."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM accounts WHERE id = :id", id=account_id)
    return None if row is None else account_of(row)


async def active_administrators(tx: Transaction) -> int:
    """How many there are. Held until `tx` ends: two who disable each other at once must not both succeed."""
    rows = await tx.all(
        "SELECT id FROM accounts WHERE role = :role AND active ORDER BY id FOR UPDATE",
        role=AccountRole.SYSTEM_ADMINISTRATOR.value,
    )
    return len(rows)


async def save_account(tx: Transaction, account: Account) -> None:
    """Its state, its rights and its version. The row is held by `account_for_change`."""
    await tx.execute(
        """
        UPDATE accounts SET active = :active, state = :state, state_by = :state_by, state_reason = :state_reason,
                            state_since = CASE WHEN state = :state THEN state_since ELSE :now END,
                            role = :role, organisation_id = :organisation_id, version = :version, changed_at = :now
        WHERE id = :id
        """,
        id=account.account_id,
        active=account.active,
        state=account.state.value,
        state_by=account.state_by.value if account.state_by else None,
        state_reason=account.state_reason,
        role=account.role.value,
        organisation_id=account.organisation_id,
        version=account.version,
        now=tx.now,
    )


async def credentials_of(tx: Transaction, name: str) -> Credentials | None:
    """By the name that somebody typed; disabled accounts too."""
    row = await tx.one_or_none(
        f"SELECT {COLUMNS}, password_hash FROM accounts WHERE name_key = :key", key=name_key(name)
    )
    return None if row is None else Credentials(account_of(row), row.password_hash)


async def save_password_hash(tx: Transaction, account_id: UUID, password_hash: str) -> None:
    """The same password under today's parameters; nobody else needs to know."""
    await tx.execute("UPDATE accounts SET password_hash = :hash WHERE id = :id", id=account_id, hash=password_hash)
