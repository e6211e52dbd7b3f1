"""What somebody agreed to and whether it stands, who is asked for what, and what a withdrawal brings about. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from cec_chassis.problems import Refusal
from cec_contracts.vocabulary import AccountRole
from cec_identity.consents.texts import ConsentKind, newest_version

_ASKED = {
    AccountRole.PRACTITIONER: ConsentKind.ACTIVATION,
    AccountRole.OFFERING_UNIT: ConsentKind.APPLICATION,
    AccountRole.REVIEW_UNIT: ConsentKind.APPLICATION,
    AccountRole.COMMITTEE_MEMBER: ConsentKind.APPLICATION,
}


class ConsentNotAsked(Refusal):
    """The terms are for accounts of another kind."""

    slug = "consent-not-asked"
    status = 409
    title = "您的身分無須同意此同意書 / These terms are not for your role"


class NoConsent(Refusal):
    """Nothing stands that could be withdrawn."""

    slug = "no-consent"
    status = 409
    title = "並無有效之同意可供撤回 / There is no consent that could be withdrawn"


class ConsequencesUnread(Refusal):
    """The person has not said that they know what comes of it; the detail tells."""

    slug = "consequences-unread"
    status = 409
    title = "請先閱讀撤回同意之後果 / Read first what the withdrawal brings about"


class ConsentWithdrawn(Refusal):
    """The account is closed because its owner withdrew the consent. That is not for colleagues to undo."""

    slug = "consent-withdrawn"
    status = 409
    title = "當事人已撤回同意,須由本人提出 / The owner has withdrawn the consent, and has to ask for it"


class Given(NamedTuple):
    """Somebody agreed to a version of a text, and perhaps withdrew that later."""

    kind: ConsentKind
    version: str
    given_at: datetime
    withdrawn_at: datetime | None = None


class Consequence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a withdrawal brings about."""

    text: str
    text_en: str


_OF_ALL = (
    Consequence(
        text="您的帳號立即停用,所有登入終止,包含以本帳號登入之應用系統;您對應用系統之授權一併失效。",
        text_en="Your account is disabled at once and all sessions end, at applications too; what you have allowed "
        "applications ends as well.",
    ),
    Consequence(
        text="本系統不再寄送公告及其他通知;僅寄送一封撤回確認信。聯絡資料自停用起保存一年後刪除。",
        text_en="You get no more notices, but for one mail that confirms the withdrawal. Your contact data is removed a "
        "year after the account was closed.",
    ),
    Consequence(
        text="撤回前所為之處理不受影響。依法應保存之登錄資料、上課及審查紀錄、積分與稽核紀錄不予刪除,積分仍繼續認定。",
        text_en="What was done before stays lawful. What the law requires to be kept stays: the register, attendance, "
        "decisions, credits and the audit log. Credits go on being recognised.",
    ),
)
_COMING_BACK = {
    ConsentKind.ACTIVATION: Consequence(
        text="欲恢復使用,請重新辦理帳號開通並同意屆時之同意書。",
        text_en="To come back, activate your account anew and agree to the terms of that day.",
    ),
    ConsentKind.APPLICATION: Consequence(
        text="欲恢復使用,請洽系統管理者復用帳號,並於登入後同意屆時之同意書;單位同仁無法代為復用。",
        text_en="To come back, ask a system administrator to resume the account, and agree to the terms of that day when "
        "you sign in. Colleagues of your unit cannot resume it.",
    ),
}


def consequences_of(kind: ConsentKind) -> tuple[Consequence, ...]:
    """What withdrawing a consent of this kind brings about, all of it."""
    return (*_OF_ALL, _COMING_BACK[kind])


def require_consequences_read(kind: ConsentKind, *, read: bool) -> None:
    """Raises ConsequencesUnread, which tells them."""
    if not read:
        raise ConsequencesUnread(" ".join(f"{each.text} / {each.text_en}" for each in consequences_of(kind)))


def kind_asked_of(role: AccountRole) -> ConsentKind | None:
    """What people of this role agree to; None of those whom nobody asks: administrators, other systems."""
    return _ASKED.get(role)


def agreed_last(kind: ConsentKind, given: Iterable[Given]) -> Given | None:
    """The newest version of which the consent stands; None when none does."""
    standing = [each for each in given if each.kind is kind and each.withdrawn_at is None]
    return max(standing, key=lambda each: each.version, default=None)


def is_outdated(each: Given, given: Iterable[Given], today: date) -> bool:
    """Whether it is what the person agreed to last, and the text has a newer version today."""
    newest = newest_version(each.kind, today)
    return newest is not None and each.version < newest and each == agreed_last(each.kind, given)


def consent_due(role: AccountRole, given: Iterable[Given], today: date) -> ConsentKind | None:
    """What somebody of this role is asked to agree to when they sign in: they never did, withdrew, or the text is newer."""
    kind = kind_asked_of(role)
    if kind is None:
        return None
    last, newest = agreed_last(kind, given), newest_version(kind, today)
    return None if newest is None or (last is not None and last.version >= newest) else kind
