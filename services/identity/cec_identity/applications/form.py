"""The form of an application: every field checked, every fault told at once. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from cec_chassis.http import Request
from cec_chassis.problems import ValidationFailed
from cec_contracts import national_id
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import checked_name
from cec_identity.accounts.profile import LONGEST_ADDRESS, Language
from cec_identity.applications.domain import OPEN_ROLES, Applicant, Proposal
from cec_identity.fields.addresses import county, email, email_or_none
from cec_identity.fields.faults import Faults, Unacceptable
from cec_identity.fields.lines import chinese_name, required_line
from cec_identity.fields.telephones import Telephone, telephone
from cec_identity.organisations.contact import Contact, ContactDetails
from cec_identity.organisations.kinds import MAY_OFFER, MAY_REVIEW
from cec_identity.proof_of_work.proof import LONGEST_PROOF


class ProposedOrganisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """單位不存在於系統中: the unit, with everything that the form asks for."""

    kind: Annotated[str, Meta(max_length=40, description="單位類別")]
    name: Annotated[str, Meta(max_length=200, description="單位名稱")]
    county: Annotated[str, Meta(max_length=20, description="縣市")]
    contact: ContactDetails


class ApplicationForm(Request):
    """Everything that an applicant says. The password comes later, by a link to the address given here."""

    national_id: Annotated[str, Meta(min_length=1, max_length=40, description="身分證或統一證號")]
    name: Annotated[str, Meta(max_length=64, description="帳號,5 至 64 字,不分大小寫")]
    person_name: Annotated[str, Meta(max_length=60, description="申請人姓名(中文)")]
    email: Annotated[str, Meta(max_length=LONGEST_ADDRESS, description="E-mail")]
    phone: Telephone
    job_title: Annotated[str, Meta(max_length=60, description="職稱")]
    role: Annotated[AccountRole, Meta(description="角色(身分)")]
    consent_version: Annotated[str, Meta(max_length=10, description="所同意之服務條款版本")]
    proof_of_work: Annotated[str, Meta(max_length=LONGEST_PROOF, description="工作量證明")]
    backup_email: Annotated[str, Meta(max_length=LONGEST_ADDRESS, description="E-mail(備用)")] = ""
    notify_announcements: Annotated[bool, Meta(description="有新的公告訊息時,以 Mail 通知")] = True
    language: Language = Language.CHINESE
    organisation_id: Annotated[UUID | None, Meta(description="單位存在於系統中")] = None
    proposal: Annotated[ProposedOrganisation | None, Meta(description="單位不存在於系統中")] = None

    def __repr__(self) -> str:
        """Nothing of it."""
        return f"ApplicationForm(role={self.role!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedForm:
    """The form in one form; made by `checked`."""

    name: str
    role: AccountRole
    number: str
    """The national ID; goes no further than into the vault."""
    applicant: Applicant
    consent_version: str
    organisation_id: UUID | None
    proposal: Proposal | None

    def __repr__(self) -> str:
        """Nothing of it."""
        return f"CheckedForm(role={self.role!r})"

    @classmethod
    def checked(cls, form: ApplicationForm) -> CheckedForm:
        """Raises ValidationFailed with every fault."""
        faults = Faults()
        applicant = Applicant(
            person_name=faults.text("body.person_name", chinese_name, form.person_name),
            email=faults.text("body.email", email, form.email),
            backup_email=faults.take("body.backup_email", email_or_none, form.backup_email, None),
            phone=faults.text("body.phone", telephone, form.phone),
            job_title=faults.text("body.job_title", required_line, form.job_title),
            notify_announcements=form.notify_announcements,
            language=form.language,
        )
        found = cls(
            name=faults.text("body.name", _account_name, form.name),
            role=form.role,
            number=faults.text("body.national_id", _national_id, form.national_id),
            applicant=applicant,
            consent_version=form.consent_version,
            organisation_id=form.organisation_id,
            proposal=None if form.proposal is None else _proposal(faults, form.proposal, form.role),
        )
        _check_role(faults, form.role)
        if (form.organisation_id is None) == (form.proposal is None):
            message = "請選擇系統中之單位,或申請新增單位,擇一 / Choose a registered unit or propose one, one of the two"
            faults.add("body.organisation_id", "organisation-or-proposal", message)
        faults.settle()
        return found


def kinds_for(role: AccountRole) -> frozenset[str]:
    """The kinds of organisations whose people may apply in this role."""
    return MAY_OFFER if role is AccountRole.OFFERING_UNIT else MAY_REVIEW


def _check_role(faults: Faults, role: AccountRole) -> None:
    if role is AccountRole.PRACTITIONER:
        message = "醫事人員請改由「帳號開通」啟用帳號 / Practitioners do not apply: they activate their account"
        faults.add("body.role", "practitioners-activate", message)
    elif role not in OPEN_ROLES:
        message = "僅開放開課單位、審查單位及審查委員申請 / Open to offering units, review units and committee members"
        faults.add("body.role", "role-not-open", message)


def _proposal(faults: Faults, typed: ProposedOrganisation, role: AccountRole) -> Proposal:
    path = "body.proposal"

    def kind(text: str) -> str:
        found = required_line(text)
        if found not in kinds_for(role):
            message = f"此身分限下列類別單位申請 / For this role only: {'、'.join(sorted(kinds_for(role)))}"
            raise Unacceptable("kind-not-eligible", message)
        return found

    return Proposal(
        kind=faults.text(f"{path}.kind", kind, typed.kind),
        name=faults.text(f"{path}.name", _full_name, typed.name),
        county=faults.text(f"{path}.county", county, typed.county),
        contact=faults.take(f"{path}.contact", _complete(faults, f"{path}.contact"), typed.contact, Contact()),
    )


def _complete(faults: Faults, path: str) -> Callable[[ContactDetails], Contact]:
    return lambda details: details.complete(faults, path, fax=True)


def _full_name(text: str) -> str:
    """單位全名: a name with Chinese in it, so that an abbreviation in Latin letters is none."""
    found = required_line(text)
    if not any("\u4e00" <= character <= "\u9fff" for character in found):
        raise Unacceptable("chinese-name", "請填單位中文全名 / Give the unit's full name in Chinese")
    return found


def _account_name(text: str) -> str:
    try:
        return checked_name(text)
    except ValidationFailed as failed:
        raise Unacceptable(failed.errors[0].slug, failed.errors[0].message) from None


def _national_id(text: str) -> str:
    try:
        return national_id.validate(text)
    except national_id.InvalidNationalId as invalid:
        raise Unacceptable(invalid.slug, str(invalid)) from None
