"""Approve an application: account, owner, organisation and the applicant's mail, all of it or nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError, NotFound, ValidationFailed
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import checked_name
from cec_identity.accounts.open_account import OpenAccount, open_account
from cec_identity.accounts.passwords import Passwords
from cec_identity.accounts.profile import Profile
from cec_identity.accounts.profile_store import insert_profile
from cec_identity.applications.domain import (
    Application,
    ApplicationStatus,
    OrganisationLooksKnown,
    Proposal,
    RecogniseFirst,
    belongs_to,
    owned_by,
)
from cec_identity.applications.form import kinds_for
from cec_identity.applications.similar import similar_organisations
from cec_identity.applications.store import application_by_id, save_decision
from cec_identity.applications.tell_applicant import tell_approved
from cec_identity.consents.store import keep_consent
from cec_identity.consents.texts import ConsentKind, text_of
from cec_identity.organisations.change_organisation import save_changed
from cec_identity.organisations.domain import Organisation, OrganisationDetails
from cec_identity.organisations.register_organisation import register_organisation
from cec_identity.organisations.store import organisation_for_change
from cec_identity.profile.store import keep_identity
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """What the administrator says beyond yes; made by `prepared`."""

    organisation_id: UUID | None
    """A registered organisation in place of the chosen or proposed one."""
    organisation_code: str
    """The code of the proposed one; empty for the next number."""
    another: bool
    """The proposed organisation is none of those that it looks like."""
    no_password: str = field(repr=False)
    """The hash of a password that nobody knows: until the link has set one, sign-in takes as long and says no."""

    @classmethod
    async def prepared(
        cls, passwords: Passwords, *, organisation_id: UUID | None, organisation_code: str, another: bool
    ) -> Approve:
        """Hashes before the transaction."""
        return cls(
            organisation_id=organisation_id,
            organisation_code=organisation_code,
            another=another,
            no_password=await passwords.hash(secrets.token_urlsafe(32)),
        )


async def approve(
    tx: Transaction, application_id: UUID, command: Approve, settings: IdentitySettings, vault: Vault
) -> Application:
    """The approved application with its account.

    Raises:
        NotFound, ApplicationDecided, AccountNameTaken.
        OrganisationLooksKnown: the proposed one may be registered already.
        RecogniseFirst: it is an account that reviews, and the organisation is not recognised to.
        OrganisationCodeTaken, ValidationFailed: the code or the organisation named is not acceptable; or the name that was
            applied for is not any more.
    """
    application = await application_by_id(tx, application_id, held=True)
    if application is None:
        raise NotFound
    application.require_pending()
    organisation = await _organisation(tx, application, command)
    account = await open_account(
        tx,
        OpenAccount(
            name=checked_name(application.name),
            role=application.role,
            organisation_id=organisation.organisation_id,
            practitioner_id=None,
            password_hash=command.no_password,
        ),
    )
    await _keep_owner(tx, application, account.account_id, vault)
    approved = replace(
        application,
        status=ApplicationStatus.APPROVED,
        decided_at=tx.now,
        account_id=account.account_id,
        organisation_id=organisation.organisation_id,
    )
    await save_decision(tx, approved)
    await tell_approved(tx, approved, account.account_id, settings, vault)
    tx.audit(
        "application.approved",
        subject_type="application",
        subject_id=application_id,
        after={"account_id": account.account_id, "organisation_id": organisation.organisation_id},
    )
    return approved


async def _organisation(tx: Transaction, application: Application, command: Approve) -> Organisation:
    chosen = command.organisation_id or application.organisation_id
    if chosen is not None:
        organisation = await organisation_for_change(tx, chosen)
        if organisation is None or not organisation.active:
            raise _fault("unknown-organisation", "查無此單位或已停用 / There is no such organisation in use")
    else:
        assert application.proposal is not None, "chosen or proposed"
        organisation = await _proposed(tx, application.proposal, application.role, command)
    if organisation.kind not in kinds_for(application.role):
        raise _fault("kind-not-eligible", "此類別之單位不得以此身分申請 / Not for organisations of this kind")
    if application.role is not AccountRole.OFFERING_UNIT:
        if not organisation.reviews_courses:
            raise RecogniseFirst
        return organisation
    return await save_changed(
        tx, organisation, replace(organisation, offers_courses=True), "核准開課單位帳號 / an account to offer courses"
    )


async def _proposed(tx: Transaction, proposal: Proposal, role: AccountRole, command: Approve) -> Organisation:
    if role is not AccountRole.OFFERING_UNIT:
        raise RecogniseFirst
    known = [] if command.another else await similar_organisations(tx, proposal)
    if known:
        errors = [FieldError("body.another", "looks-like", f"{one.code} {one.name} {one.department}") for one in known]
        raise OrganisationLooksKnown(errors=errors)
    details = OrganisationDetails.checked(
        code=command.organisation_code or await _next_code(tx),
        name=proposal.name,
        kind=proposal.kind,
        county=proposal.county,
        offers_courses=True,
        reviews_courses=False,
        reviews_professions=(),
    )
    return await register_organisation(tx, details, proposal.contact)


async def _next_code(tx: Transaction) -> str:
    number = await tx.scalar("SELECT nextval('organisation_codes')")
    return f"N{number:06d}"


async def _keep_owner(tx: Transaction, application: Application, account_id: UUID, vault: Vault) -> None:
    applicant, known = application.applicant, application.national_id
    number = vault.national_ids.open(known.sealed, belongs_to=belongs_to(application.application_id))
    await keep_identity(
        tx,
        account_id,
        index=known.index,
        sealed=vault.national_ids.seal(number, belongs_to=owned_by(account_id)),
        masked=known.masked,
    )
    await insert_profile(
        tx,
        Profile(
            account_id=account_id,
            person_name=applicant.person_name,
            email=applicant.email,
            backup_email=applicant.backup_email,
            phone=applicant.phone,
            job_title=applicant.job_title,
            notify_announcements=applicant.notify_announcements,
            language=applicant.language,
        ),
    )
    text = text_of(ConsentKind.APPLICATION, application.consent_version)
    await keep_consent(tx, account_id, text, application.submitted_at)


def _fault(slug: str, message: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError("body.organisation_id", slug, message)])
