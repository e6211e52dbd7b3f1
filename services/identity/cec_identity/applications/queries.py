"""What administrators see of applications, and what an applicant reads of their own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_chassis.problems import NotFound
from cec_contracts.vocabulary import AccountRole
from cec_identity.applications.domain import Application, ApplicationStatus
from cec_identity.applications.form import ProposedOrganisation
from cec_identity.applications.similar import Similar, similar_organisations
from cec_identity.applications.store import application_by_id
from cec_identity.fields.telephones import Telephone, parts_of
from cec_identity.organisations.contact import ContactDetails

_FOUND = """
FROM applications a LEFT JOIN organisations o ON o.id = a.organisation_id
WHERE (CAST(:status AS text) IS NULL OR a.status = :status)
  AND (CAST(:role AS text) IS NULL OR a.role = :role)
  AND (CAST(:text AS text) IS NULL OR position(lower(:text) IN a.name_key) > 0 OR position(:text IN a.person_name) > 0
       OR position(:text IN coalesce(o.name, a.proposal ->> 'name')) > 0)
"""


class ApplicationLine(msgspec.Struct, kw_only=True):
    """A line of the queue. `proposed`: the organisation is not registered yet."""

    application_id: UUID
    status: ApplicationStatus
    name: str
    role: AccountRole
    person_name: str
    national_id_masked: str
    organisation_name: str
    proposed: bool
    submitted_at: datetime
    decided_at: datetime | None


class ApplicationView(msgspec.Struct, kw_only=True):
    """An application with all that was said, for whoever decides. The national ID is masked; the whole one is told at
    `/applications/{id}/national-id/reveal`."""

    application_id: UUID
    status: ApplicationStatus
    name: str
    role: AccountRole
    person_name: str
    national_id: str
    email: str
    backup_email: str | None
    phone: Telephone | None
    job_title: str
    notify_announcements: bool
    consent_version: str
    organisation_id: UUID | None
    proposal: ProposedOrganisation | None
    similar: list[Similar]
    """Registered organisations that the proposed one looks like."""
    other_accounts: list[str]
    """Names of accounts whose owner has the same national ID."""
    reason: str
    submitted_at: datetime
    decided_at: datetime | None
    account_id: UUID | None


class ApplicationStatusView(msgspec.Struct, kw_only=True):
    """What an applicant reads of their own application."""

    status: ApplicationStatus
    name: str
    role: AccountRole
    submitted_at: datetime
    decided_at: datetime | None
    reason: str


async def applications_page(
    tx: Transaction, paging: Paging, *, status: ApplicationStatus | None, role: AccountRole | None, text: str | None
) -> Page[ApplicationLine]:
    """The queue, the oldest first."""
    wanted = {"status": status.value if status else None, "role": role.value if role else None, "text": text}
    total = await tx.scalar(f"SELECT count(*) {_FOUND}", **wanted)
    rows = await tx.all(
        f"""
        SELECT a.id AS application_id, a.status, a.name, a.role, a.person_name, a.national_id_masked,
               coalesce(o.name, a.proposal ->> 'name') AS organisation_name, a.organisation_id IS NULL AS proposed,
               a.submitted_at, a.decided_at
        {_FOUND} ORDER BY a.id LIMIT :limit OFFSET :offset
        """,
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([msgspec.convert(dict(row._mapping), ApplicationLine) for row in rows], total)


async def application_view(tx: Transaction, application_id: UUID) -> ApplicationView:
    """The application, its national ID masked. Raises NotFound."""
    application = await application_by_id(tx, application_id)
    if application is None:
        raise NotFound
    proposal = application.proposal
    return ApplicationView(
        application_id=application.application_id,
        status=application.status,
        name=application.name,
        role=application.role,
        person_name=application.applicant.person_name,
        national_id=application.national_id.masked,
        email=application.applicant.email,
        backup_email=application.applicant.backup_email,
        phone=parts_of(application.applicant.phone),
        job_title=application.applicant.job_title,
        notify_announcements=application.applicant.notify_announcements,
        consent_version=application.consent_version,
        organisation_id=application.organisation_id,
        proposal=None
        if proposal is None
        else ProposedOrganisation(
            kind=proposal.kind,
            name=proposal.name,
            county=proposal.county,
            contact=ContactDetails.of(proposal.contact),
        ),
        similar=[] if proposal is None else await similar_organisations(tx, proposal),
        other_accounts=await _accounts_of(tx, application),
        reason=application.reason,
        submitted_at=application.submitted_at,
        decided_at=application.decided_at,
        account_id=application.account_id,
    )


def status_view(application: Application) -> ApplicationStatusView:
    """The applicant's own."""
    return ApplicationStatusView(
        status=application.status,
        name=application.name,
        role=application.role,
        submitted_at=application.submitted_at,
        decided_at=application.decided_at,
        reason=application.reason,
    )


async def _accounts_of(tx: Transaction, application: Application) -> list[str]:
    rows = await tx.all(
        """
        SELECT a.name FROM accounts a JOIN account_identities i ON i.account_id = a.id
        WHERE i.national_id_index = :index AND a.id IS DISTINCT FROM CAST(:own AS uuid)
        UNION
        SELECT a.name FROM accounts a JOIN practitioners p ON p.id = a.practitioner_id
        WHERE p.national_id_index = :index
        ORDER BY name
        """,
        index=application.national_id.index,
        own=application.account_id,
    )
    return [row.name for row in rows]
