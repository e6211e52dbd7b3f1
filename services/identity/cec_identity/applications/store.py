"""Table of applications."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, LargeBinary, Row, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.database import Transaction
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import AccountNameTaken, name_key
from cec_identity.accounts.profile import Language, email_key
from cec_identity.applications.domain import (
    Applicant,
    Application,
    ApplicationStatus,
    NameApplied,
    Proposal,
    SealedId,
)
from cec_identity.tables import metadata

applications = Table(
    "applications",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("status", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("national_id_index", Text, nullable=False),
    Column("national_id_sealed", LargeBinary, nullable=False),
    Column("national_id_masked", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("backup_email", Text),
    Column("phone", Text, nullable=False),
    Column("job_title", Text, nullable=False),
    Column("notify_announcements", Boolean, nullable=False),
    Column("language", Text, nullable=False),
    Column("consent_version", Text, nullable=False),
    Column("organisation_id", Uuid, ForeignKey("organisations.id")),
    Column("proposal", JSONB),
    Column("reason", Text, nullable=False),
    Column("submitted_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Uuid),
    Column("account_id", Uuid, ForeignKey("accounts.id")),
    Column("reference_digest", LargeBinary, unique=True),
    Column("reference_expires_at", DateTime(timezone=True)),
    Index("one_application_for_a_name", "name_key", unique=True, postgresql_where=text("status = 'pending'")),
    Index("applications_by_status", "status", "id"),
    Index("applications_by_email", "email_key"),
)

COLUMNS = """id, status, name, role, person_name, national_id_index, national_id_sealed, national_id_masked, email,
backup_email, phone, job_title, notify_announcements, language, consent_version, organisation_id,
CAST(proposal AS text) AS proposal, reason, submitted_at, decided_at, account_id"""
INSERT = """
INSERT INTO applications (id, status, name, name_key, role, person_name, national_id_index, national_id_sealed,
                          national_id_masked, email, email_key, backup_email, phone, job_title, notify_announcements,
                          language, consent_version, organisation_id, proposal, reason, submitted_at, reference_digest,
                          reference_expires_at)
VALUES (:id, :status, :name, :name_key, :role, :person_name, :national_id_index, :national_id_sealed,
        :national_id_masked, :email, :email_key, :backup_email, :phone, :job_title, :notify_announcements,
        :language, :consent_version, :organisation_id, CAST(:proposal AS jsonb), '', :now, :reference_digest,
        :reference_expires_at)
ON CONFLICT DO NOTHING RETURNING id
"""
DECIDE = """
UPDATE applications SET status = :status, reason = :reason, decided_at = :now, decided_by = :by,
                        account_id = :account_id, organisation_id = :organisation_id
WHERE id = :id
"""
FORGET = """
DELETE FROM applications WHERE status = 'rejected' AND decided_at < :before
"""


async def insert_application(
    tx: Transaction, application: Application, reference_digest: bytes, reference_expires_at: datetime
) -> None:
    """A new one.

    Raises:
        AccountNameTaken: an account has the name.
        NameApplied: another application for the name is pending.
    """
    key = name_key(application.name)
    if await tx.scalar("SELECT EXISTS (SELECT FROM accounts WHERE name_key = :key)", key=key):
        raise AccountNameTaken
    inserted = await tx.one_or_none(
        INSERT,
        id=application.application_id,
        status=application.status.value,
        name=application.name,
        name_key=key,
        role=application.role.value,
        **_person(application),
        consent_version=application.consent_version,
        organisation_id=application.organisation_id,
        proposal=None if application.proposal is None else msgspec.json.encode(asdict(application.proposal)).decode(),
        reference_digest=reference_digest,
        reference_expires_at=reference_expires_at,
        now=tx.now,
    )
    if inserted is None:
        raise NameApplied


async def application_by_id(tx: Transaction, application_id: UUID, *, held: bool = False) -> Application | None:
    """The application; `held`, nobody else decides it until `tx` ends."""
    row = await tx.one_or_none(
        f"SELECT {COLUMNS} FROM applications WHERE id = :id {'FOR UPDATE' if held else ''}", id=application_id
    )
    return None if row is None else application_of(row)


async def save_decision(tx: Transaction, application: Application) -> None:
    """The decision; the row is held."""
    await tx.execute(
        DECIDE,
        id=application.application_id,
        status=application.status.value,
        reason=application.reason,
        by=tx.actor.account_id,
        account_id=application.account_id,
        organisation_id=application.organisation_id,
        now=tx.now,
    )


async def give_reference(tx: Transaction, application_id: UUID, digest: bytes, expires_at: datetime) -> None:
    """A new reference by which the applicant reads the status, once; an earlier one is worth nothing now."""
    await tx.execute(
        "UPDATE applications SET reference_digest = :digest, reference_expires_at = :expires_at WHERE id = :id",
        id=application_id,
        digest=digest,
        expires_at=expires_at,
    )


async def has_reference(tx: Transaction, application_id: UUID) -> bool:
    """Whether one was given that is still good."""
    return bool(
        await tx.scalar(
            "SELECT reference_digest IS NOT NULL AND reference_expires_at > :now FROM applications WHERE id = :id",
            id=application_id,
            now=tx.now,
        )
    )


async def use_reference(tx: Transaction, digest: bytes) -> Application | None:
    """The application of this reference, which is used up by it; None when it is worth nothing."""
    row = await tx.one_or_none(
        f"""
        UPDATE applications SET reference_digest = NULL, reference_expires_at = NULL
        WHERE reference_digest = :digest AND reference_expires_at > :now RETURNING {COLUMNS}
        """,
        digest=digest,
        now=tx.now,
    )
    return None if row is None else application_of(row)


async def newest_application(tx: Transaction, name: str, email: str) -> Application | None:
    """The latest one for this name from this address, held until `tx` ends."""
    row = await tx.one_or_none(
        f"""
        SELECT {COLUMNS} FROM applications WHERE name_key = :name_key AND email_key = :email_key
        ORDER BY id DESC LIMIT 1 FOR UPDATE
        """,
        name_key=name_key(name),
        email_key=email_key(email),
    )
    return None if row is None else application_of(row)


def application_of(row: Row[Any]) -> Application:
    """A row with COLUMNS as the value."""
    return Application(
        application_id=row.id,
        name=row.name,
        role=AccountRole(row.role),
        applicant=Applicant(
            person_name=row.person_name,
            email=row.email,
            backup_email=row.backup_email,
            phone=row.phone,
            job_title=row.job_title,
            notify_announcements=row.notify_announcements,
            language=Language(row.language),
        ),
        national_id=SealedId(index=row.national_id_index, masked=row.national_id_masked, sealed=row.national_id_sealed),
        consent_version=row.consent_version,
        organisation_id=row.organisation_id,
        proposal=None if row.proposal is None else msgspec.json.decode(row.proposal, type=Proposal),
        submitted_at=row.submitted_at,
        status=ApplicationStatus(row.status),
        reason=row.reason,
        decided_at=row.decided_at,
        account_id=row.account_id,
    )


def _person(application: Application) -> dict[str, Any]:
    applicant, known = application.applicant, application.national_id
    return {
        "person_name": applicant.person_name,
        "national_id_index": known.index,
        "national_id_sealed": known.sealed,
        "national_id_masked": known.masked,
        "email": applicant.email,
        "email_key": email_key(applicant.email),
        "backup_email": applicant.backup_email,
        "phone": applicant.phone,
        "job_title": applicant.job_title,
        "notify_announcements": applicant.notify_announcements,
        "language": applicant.language.value,
    }
