"""An application for an account, and what is acceptable in one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cec_chassis.problems import Refusal
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.profile import Language
from cec_identity.organisations.contact import Contact

OPEN_ROLES = frozenset({AccountRole.OFFERING_UNIT, AccountRole.REVIEW_UNIT, AccountRole.COMMITTEE_MEMBER})
"""Who applies. Practitioners activate their account; administrators and other systems are opened by administrators."""
REFERENCE_LIFETIME = timedelta(days=90)
PASSWORD_LINK_LIFETIME = timedelta(days=7)
KEPT_AFTER_REJECTION = timedelta(days=180)
"""Time to object; then nothing of a person who got no account is kept but the audit log's bare row."""


class ApplicationStatus(StrEnum):
    """Where an application stands; the words of account states, since to the applicant it is their account."""

    PENDING = "pending"  # 待審核
    APPROVED = "approved"  # 已核准
    REJECTED = "rejected"  # 未核准


class ApplicationDecided(Refusal):
    """A decision is final; whoever was rejected applies again."""

    slug = "application-decided"
    status = 409
    title = "申請已審核 / The application has been decided"


class NameApplied(Refusal):
    """Another application for the name waits for its decision."""

    slug = "account-name-applied"
    status = 409
    title = "此帳號名稱已有申請審核中，請另擇名稱 / Somebody has applied for this account name; choose another one"


class ReferenceInvalid(Refusal):
    """The reference was never sent, was used, or has expired."""

    slug = "reference-invalid"
    status = 410
    title = "查詢連結無效、已使用或已逾期，請重新索取 / The reference is not valid, was used or has expired; ask for a new one"


class OrganisationLooksKnown(Refusal):
    """The proposed organisation looks like registered ones; `errors` names them. Choose one, or say that it is another."""

    slug = "organisation-looks-known"
    status = 409
    title = "申請新增之單位疑似已登錄，請確認 / The proposed organisation looks like a registered one; confirm"


class RecogniseFirst(Refusal):
    """An account that reviews needs a unit that is recognised to."""

    slug = "recognise-first"
    status = 409
    title = "單位尚未經認可為審查單位，請先辦理認可 / The unit is no recognised review unit; recognise it first"


class NotApproved(Refusal):
    """Only an approved application has an account to send a link for."""

    slug = "application-not-approved"
    status = 409
    title = "申請尚未核准 / The application is not approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An organisation that is not registered yet, as the applicant describes it."""

    kind: str
    name: str
    county: str
    contact: Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """The person, without their national ID."""

    person_name: str
    email: str
    backup_email: str | None
    phone: str
    job_title: str
    notify_announcements: bool
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedId:
    """A national ID as it is kept: found by its index, shown masked, opened by those with the right only."""

    index: str
    masked: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application as it is kept. Either an organisation is chosen or one is proposed."""

    application_id: UUID
    name: str
    role: AccountRole
    applicant: Applicant
    national_id: SealedId
    consent_version: str
    organisation_id: UUID | None
    proposal: Proposal | None
    submitted_at: datetime
    status: ApplicationStatus = ApplicationStatus.PENDING
    reason: str = ""
    decided_at: datetime | None = None
    account_id: UUID | None = None

    def require_pending(self) -> None:
        """Raises ApplicationDecided."""
        if self.status is not ApplicationStatus.PENDING:
            raise ApplicationDecided


def belongs_to(application_id: UUID) -> str:
    """To what the sealed national ID of an application is bound."""
    return f"application/{application_id}"


def owned_by(account_id: UUID) -> str:
    """To what the sealed national ID of an account's owner is bound."""
    return f"account/{account_id}"
