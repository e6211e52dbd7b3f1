"""Edit one's own data. Account name and national ID stay, a practitioner's name is the registry's, e-mail has its own way.
What a form leaves out stays as it is: a page without a box for mails does not order them again."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from msgspec import UNSET, UnsetType

from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError, Refusal, ValidationFailed
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import Account
from cec_identity.accounts.profile import Language, Profile
from cec_identity.accounts.profile_store import insert_profile, profile_for_change, update_profile
from cec_identity.fields.addresses import email_or_none
from cec_identity.fields.faults import Faults
from cec_identity.fields.lines import chinese_name, line
from cec_identity.fields.telephones import Telephone, parts_of, telephone_or_none
from cec_identity.practitioners.survivors import name_in_registry

ASKED_OF_UNITS = frozenset({AccountRole.OFFERING_UNIT, AccountRole.REVIEW_UNIT, AccountRole.COMMITTEE_MEMBER})
"""Their form has a star at telephone and title."""
Value = TypeVar("Value")
_FIELDS = ("person_name", "backup_email", "phone", "job_title", "notify_announcements", "language")


class ProfileChangedMeanwhile(Refusal):
    """Somebody, perhaps oneself in another window, changed it after it was read."""

    slug = "profile-changed-meanwhile"
    status = 409
    title = "資料已變更，請重新讀取 / The data was changed meanwhile; read it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditProfile:
    """What shall be; made by `checked`."""

    person_name: str
    backup_email: str | None
    phone: str
    job_title: str
    notify_announcements: bool
    language: Language
    version: int

    @classmethod
    def checked(
        cls,
        role: AccountRole,
        before: Profile | None,
        *,
        person_name: str,
        version: int,
        backup_email: str | UnsetType = UNSET,
        phone: Telephone | UnsetType | None = UNSET,
        job_title: str | UnsetType = UNSET,
        notify_announcements: bool | UnsetType = UNSET,
        language: Language | UnsetType = UNSET,
    ) -> EditProfile:
        """What was left out is as it is in `before`, or as it is at first for somebody who has said nothing yet. An empty text
        or telephone was not left out: it empties the field.

        Raises:
            ValidationFailed: with every fault.
        """
        known = before or Profile(account_id=UUID(int=0), person_name=person_name)
        backup_email = _given(backup_email, known.backup_email or "")
        phone = _given(phone, parts_of(known.phone or ""))
        job_title = _given(job_title, known.job_title or "")
        faults = Faults()
        name_of = line if role is AccountRole.PRACTITIONER else chinese_name
        found = cls(
            person_name=faults.text("body.person_name", name_of, person_name),
            backup_email=faults.take("body.backup_email", email_or_none, backup_email, None),
            phone=faults.text("body.phone", telephone_or_none, phone),
            job_title=faults.text("body.job_title", line, job_title),
            notify_announcements=_given(notify_announcements, known.notify_announcements),
            language=_given(language, known.language),
            version=version,
        )
        for field, value in (("phone", phone), ("job_title", job_title.strip())):
            if not value and role in ASKED_OF_UNITS:
                faults.add(f"body.{field}", "missing-value", "必填 / Required")
        faults.settle()
        return found


def _given(value: Value | UnsetType, before: Value) -> Value:
    return before if isinstance(value, UnsetType) else value


async def _person_name(tx: Transaction, account: Account, wanted: str) -> str:
    """The name to be kept: of a practitioner, that of the registry, which a form may have sent back in other characters."""
    if account.role is not AccountRole.PRACTITIONER:
        return wanted
    assert account.practitioner_id is not None, "a practitioner's"
    registered = await name_in_registry(tx, account.practitioner_id)
    if _folded(wanted) != _folded(registered):
        message = "醫事人員姓名依登錄資料，請洽衛生局 / A practitioner's name is the registry's"
        raise ValidationFailed(errors=[FieldError("body.person_name", "fixed", message)])
    return registered


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


async def edit_profile(tx: Transaction, account: Account, wanted: EditProfile) -> Profile:
    """One's profile as it now is. `version` 0 is that of somebody who has said nothing yet.

    Raises:
        ProfileChangedMeanwhile.
        ValidationFailed: `fixed`, a practitioner gave another name than the registry has.
    """
    before = await profile_for_change(tx, account.account_id)
    if wanted.version != (0 if before is None else before.version):
        raise ProfileChangedMeanwhile
    name = await _person_name(tx, account, wanted.person_name)
    after = replace(
        before or Profile(account_id=account.account_id, person_name=name),
        person_name=name,
        backup_email=wanted.backup_email,
        phone=wanted.phone or None,
        job_title=wanted.job_title or None,
        notify_announcements=wanted.notify_announcements,
        language=wanted.language,
        version=wanted.version + 1,
    )
    await (insert_profile if before is None else update_profile)(tx, after)
    # The names of what changed only: the values are a person's, and the audit log is for ever.
    changed = [name for name in _FIELDS if before is None or getattr(before, name) != getattr(after, name)]
    tx.audit(
        "profile.edited",
        subject_type="account",
        subject_id=account.account_id,
        after={"fields": changed, "version": after.version},
    )
    return after
