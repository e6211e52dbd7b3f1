"""An account: its name, its role and whom the role ties it to. Passwords have a file of their own."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cec_chassis.context import Actor
from cec_chassis.problems import FieldError, Refusal, ValidationFailed
from cec_contracts import national_id
from cec_contracts.vocabulary import AccountRole, AccountState
from cec_identity.organisations.domain import Organisation

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._@-]{4,63}")


class AccountNameTaken(Refusal):
    """Somebody has an account of this name, perhaps in other capitals."""

    slug = "account-name-taken"
    status = 409
    title = "帳號名稱已使用 / The account name is taken"


class PractitionerHasAccount(Refusal):
    """A practitioner signs in with one account only."""

    slug = "practitioner-has-account"
    status = 409
    title = "此醫事人員已有帳號 / The practitioner has an account already"


class LastAdministrator(Refusal):
    """Without a system administrator nobody could open accounts any more."""

    slug = "last-administrator"
    status = 409
    title = "不得停用最後一個系統管理者 / The last system administrator cannot be disabled"


class AccountSuspended(Refusal):
    """Told to nobody but who has shown that the account is theirs: strangers learn nothing of it."""

    slug = "account-suspended"
    status = 403
    title = (
        "帳號已停權,無法使用;原因已寄至您的電子郵件,請洽系統管理者或客服 / "
        "The account is suspended; the reason was mailed to you, ask the system administrator or the help desk"
    )


class AccountDisabled(Refusal):
    """As above."""

    slug = "account-disabled"
    status = 403
    title = (
        "帳號已停用,請洽同單位同仁、系統管理者或客服恢復使用;撤回同意之醫事人員請重新辦理帳號開通 / The account is disabled; "
        "ask a colleague of your unit, the system administrator or the help desk to resume it. A practitioner who withdrew "
        "the consent activates it anew"
    )


class StateBy(StrEnum):
    """Who changed the state of an account. Whatever an administrator did, only administrators undo."""

    OWNER = "owner"
    UNIT = "unit"
    """A colleague of the same unit."""
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as identity keeps it, without the password's hash. `version` counts the changes others were told of."""

    account_id: UUID
    name: str
    role: AccountRole
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    state: AccountState = AccountState.ACTIVE
    state_by: StateBy | None = None
    """Who put it into this state; None for the one it was opened in."""
    state_reason: str = ""
    version: int = 1

    @property
    def active(self) -> bool:
        """Whether one may sign in with it."""
        return self.state is AccountState.ACTIVE

    def out_of_use(self) -> Refusal:
        """What its owner is told who wants to use it although it is not active."""
        return AccountSuspended() if self.state is AccountState.SUSPENDED else AccountDisabled()

    def actor(self) -> Actor:
        """The caller that a token of this account names."""
        return Actor(
            account_id=self.account_id,
            role=self.role.value,
            name=self.name,
            organisation_id=self.organisation_id,
            practitioner_id=self.practitioner_id,
        )


def name_key(name: str) -> str:
    """By what two names are the same: full width is half width, capitals do not count."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def checked_name(name: str) -> str:
    """The name in half width: 5 to 64 letters, digits, dots, hyphens, underscores and at signs.

    ASCII only, so that no name looks like another one (homoglyphs). No national ID nor resident certificate number, not
    with something behind it either: names are shown, logged, mailed and told to others.

    Raises:
        ValidationFailed: `account-name-format`, `account-name-is-national-id`.
    """
    name = unicodedata.normalize("NFKC", name).strip()
    if not _NAME.fullmatch(name):
        message = "帳號須為 5 至 64 個英數字或 . _ - @ / An account name has 5 to 64 letters, digits or . _ - @"
        raise ValidationFailed(errors=[FieldError("body.name", "account-name-format", message)])
    if national_id.stands_in(name):
        message = "帳號不得為身分證或統一證號 / A national ID cannot be an account name"
        raise ValidationFailed(errors=[FieldError("body.name", "account-name-is-national-id", message)])
    return name


_NEEDS_ORGANISATION = frozenset({AccountRole.OFFERING_UNIT, AccountRole.REVIEW_UNIT, AccountRole.COMMITTEE_MEMBER})
_MAY_NAME_ORGANISATION = _NEEDS_ORGANISATION | {AccountRole.OTHER_SYSTEM}
_NEEDS_PRACTITIONER = frozenset({AccountRole.PRACTITIONER})
_MAY_NAME_PRACTITIONER = _NEEDS_PRACTITIONER | {AccountRole.COMMITTEE_MEMBER}


def check_ties(role: AccountRole, organisation_id: UUID | None, practitioner_id: UUID | None) -> None:
    """Whether the role goes with an organisation and a practitioner.

    Units and committee members belong to an organisation, practitioners to themselves; a committee member may be a
    practitioner too, another system may belong to an organisation, an administrator to nobody.

    Raises:
        ValidationFailed: with every fault.
    """
    ties = (
        ("organisation_id", organisation_id, _NEEDS_ORGANISATION, _MAY_NAME_ORGANISATION),
        ("practitioner_id", practitioner_id, _NEEDS_PRACTITIONER, _MAY_NAME_PRACTITIONER),
    )
    errors = []
    for field, value, needs, may in ties:
        if value is None and role in needs:
            errors.append(FieldError(f"body.{field}", "missing-value", "此身分必填 / Required for this role"))
        if value is not None and role not in may:
            errors.append(FieldError(f"body.{field}", "not-for-this-role", "此身分不得填 / Not for this role"))
    if errors:
        raise ValidationFailed(errors=errors)


def check_organisation(role: AccountRole, organisation: Organisation | None) -> None:
    """Whether an account of this role may belong to the organisation (None: there is none of that id).

    Raises:
        ValidationFailed: it does not exist, is out of use, or does not do what the role is for.
    """
    if organisation is None:
        raise _organisation_fault("unknown-organisation", "查無此單位 / There is no such organisation")
    if not organisation.active:
        raise _organisation_fault("organisation-not-active", "單位已停用 / The organisation is out of use")
    if role is AccountRole.OFFERING_UNIT and not organisation.offers_courses:
        raise _organisation_fault("not-an-offering-unit", "非開課單位 / The organisation offers no courses")
    if role in {AccountRole.REVIEW_UNIT, AccountRole.COMMITTEE_MEMBER} and not organisation.reviews_courses:
        raise _organisation_fault("not-a-review-unit", "非審查單位 / The organisation reviews no courses")


def _organisation_fault(slug: str, message: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError("body.organisation_id", slug, message)])
