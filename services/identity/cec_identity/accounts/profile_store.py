"""Table of profiles."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Row, Table, Text, Uuid, text

from cec_chassis.database import Transaction
from cec_identity.accounts.profile import Language, Profile, email_key
from cec_identity.tables import metadata

account_profiles = Table(
    "account_profiles",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("person_name", Text, nullable=False),
    Column("email", Text),
    Column("email_key", Text),
    Column("email_verified_at", DateTime(timezone=True)),
    Column("backup_email", Text),
    Column("phone", Text),
    Column("job_title", Text),
    Column("notify_announcements", Boolean, nullable=False, server_default=text("true")),
    Column("language", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("account_profiles_by_email", "email_key"),
)

COLUMNS = """account_id, person_name, email, email_verified_at, backup_email, phone, job_title, notify_announcements,
language, version"""
INSERT = """
INSERT INTO account_profiles (account_id, person_name, email, email_key, email_verified_at, backup_email, phone,
                              job_title, notify_announcements, language, version, changed_at)
VALUES (:account_id, :person_name, :email, :email_key, :email_verified_at, :backup_email, :phone, :job_title,
        :notify_announcements, :language, :version, :now)
"""
UPDATE = """
UPDATE account_profiles
SET person_name = :person_name, email = :email, email_key = :email_key, email_verified_at = :email_verified_at,
    backup_email = :backup_email, phone = :phone, job_title = :job_title,
    notify_announcements = :notify_announcements, language = :language, version = :version, changed_at = :now
WHERE account_id = :account_id
"""


def profile_of(row: Row[Any]) -> Profile:
    """A row with COLUMNS as the value."""
    return Profile(
        account_id=row.account_id,
        person_name=row.person_name,
        email=row.email,
        email_verified_at=row.email_verified_at,
        backup_email=row.backup_email,
        phone=row.phone,
        job_title=row.job_title,
        notify_announcements=row.notify_announcements,
        language=Language(row.language),
        version=row.version,
    )


async def profile_by_account(tx: Transaction, account_id: UUID) -> Profile | None:
    """The profile as it is at this moment; None when the account has none."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM account_profiles WHERE account_id = :id", id=account_id)
    return None if row is None else profile_of(row)


async def profile_for_change(tx: Transaction, account_id: UUID) -> Profile | None:
    """The profile, which nobody else can change until `tx` ends."""
    row = await tx.one_or_none(
        f"SELECT {COLUMNS} FROM account_profiles WHERE account_id = :id FOR UPDATE", id=account_id
    )
    return None if row is None else profile_of(row)


async def insert_profile(tx: Transaction, profile: Profile) -> None:
    """The profile of an account that has none yet."""
    await tx.execute(INSERT, **_columns(profile), now=tx.now)


async def update_profile(tx: Transaction, profile: Profile) -> None:
    """The row is held by `profile_for_change`; the caller has advanced the version."""
    await tx.execute(UPDATE, **_columns(profile), now=tx.now)


async def verify_email(tx: Transaction, account_id: UUID, address: str, at: datetime) -> None:
    """The person has followed a link that went to `address`; does nothing when the address is another one by now."""
    await tx.execute(
        """
        UPDATE account_profiles SET email_verified_at = :at
        WHERE account_id = :id AND email_key = :key AND email_verified_at IS NULL
        """,
        id=account_id,
        key=email_key(address),
        at=at,
    )


def _columns(profile: Profile) -> dict[str, Any]:
    return {
        "account_id": profile.account_id,
        "person_name": profile.person_name,
        "email": profile.email,
        "email_key": None if profile.email is None else email_key(profile.email),
        "email_verified_at": profile.email_verified_at,
        "backup_email": profile.backup_email,
        "phone": profile.phone,
        "job_title": profile.job_title,
        "notify_announcements": profile.notify_announcements,
        "language": profile.language.value,
        "version": profile.version,
    }
