"""What somebody says about themselves to open their account, and how far an activation has come. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from uuid import UUID

from cec_chassis.problems import FieldError, Refusal, ValidationFailed
from cec_contracts import national_id
from cec_identity.accounts.profile import Language
from cec_identity.registry.institution_code import is_institution_code

TICKET_LIFETIME = timedelta(hours=24)
"""Long enough to look into the mailbox twice and to correct the address."""
LINK_LIFETIME = timedelta(hours=24)
MOST_MAILS = 5
"""Of one ticket; then the activation begins anew, with a proof of work."""
BETWEEN_MAILS = timedelta(minutes=1)

_CERTIFICATE = re.compile(r"(?:.*第)?\s*([0-9]{6})\s*號?")


class NoMatchInRegistry(Refusal):
    """The registry knows nobody of whom all of it is true. Which part is wrong is not said."""

    slug = "no-match-in-registry"
    status = 422
    title = (
        "所填資料與醫事人員登錄資料不符,請確認或洽衛生局 / What you gave does not agree with the licence registry; check it, "
        "or ask the public health bureau"
    )


class TicketInvalid(Refusal):
    """The ticket was never given out, has expired, or the account has been opened."""

    slug = "activation-ticket-invalid"
    status = 410
    title = "開通程序已逾時或已完成,請重新開始 / The activation has expired or is complete; begin again"


class TooManyMails(Refusal):
    """The activation has sent all the mails it may."""

    slug = "activation-too-many-mails"
    status = 429
    title = "認證信寄送次數已達上限,請重新開始 / All mails of this activation have been sent; begin again"


class MailJustSent(Refusal):
    """The last mail left less than `BETWEEN_MAILS` ago, and no other was sent now; `Retry-After` says when to ask again."""

    slug = "activation-mail-just-sent"
    status = 429
    title = "認證信甫寄出，請先查看信箱及垃圾信件匣 / A mail was sent a moment ago; look into the mailbox and the spam folder"

    @classmethod
    def ago(cls, since: timedelta) -> MailJustSent:
        """Says how long, and when to ask again."""
        passed, wait = int(since.total_seconds()), ceil((BETWEEN_MAILS - since).total_seconds())
        return cls(
            f"認證信已於 {passed} 秒前寄出，請先查看信箱及垃圾信件匣；{wait} 秒後可再次寄送 / The last mail left {passed} "
            f"seconds ago: look into the mailbox and the spam folder. Another can be sent in {wait} seconds",
            headers={"Retry-After": str(wait)},
        )


class LinkInvalid(Refusal):
    """The link was never sent, was used, has expired, or a newer one has taken its place."""

    slug = "link-invalid"
    status = 410
    title = "連結無效、已使用或已逾期，請重新索取 / The link is not valid, was used, or has expired; ask for a new one"


class ActivationState(StrEnum):
    """How far it has come."""

    MATCHED = "matched"
    """The registry knows the person; nothing was mailed yet."""
    MAILED = "mailed"
    OPENED = "opened"
    SUPERSEDED = "superseded"
    """A newer activation of the same person has mailed its link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the person says, in one form. `institution_code` is there exactly when they practise."""

    national_id_index: str
    certificate_number: str
    """Six digits."""
    institution_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which account the person wants, and where they read mail."""

    name: str
    email: str
    language: Language
    consent_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """An activation as it is kept."""

    activation_id: UUID
    practitioner_id: UUID
    person_name: str
    state: ActivationState
    ticket_expires_at: datetime
    wish: Wish | None = None
    consented_at: datetime | None = None
    mail_id: UUID | None = None
    mails_sent: int = 0
    mailed_at: datetime | None = None
    link_expires_at: datetime | None = None
    link_digest: bytes | None = field(default=None, repr=False)


def checked_facts(
    *,
    national_id_text: str,
    practising: bool,
    institution_code: str | None,
    certificate_number: str,
    index_key: bytes,
) -> Facts:
    """The facts in half width; says of every field what is wrong with its form, and nothing about what is true.

    Raises:
        ValidationFailed: with every fault.
    """
    errors: list[FieldError] = []
    index = ""
    try:
        index = national_id.index(index_key, national_id_text)
    except national_id.InvalidNationalId as invalid:
        errors.append(FieldError("body.national_id", invalid.slug, str(invalid)))
    number = _CERTIFICATE.fullmatch(_folded(certificate_number))
    if number is None:
        message = "證書字號請輸入 6 碼數字 / The certificate number has six digits"
        errors.append(FieldError("body.certificate_number", "certificate-number-format", message))
    code = None if institution_code is None else _folded(institution_code).upper()
    if practising and not code:
        message = "執業者必填 / Required of those who practise"
        errors.append(FieldError("body.institution_code", "missing-value", message))
    elif code and not practising:
        message = "未執業者請留空 / Leave it empty when you do not practise"
        errors.append(FieldError("body.institution_code", "not-practising", message))
    elif code and not (code.isascii() and is_institution_code(code)):
        message = "醫事機構代碼共 10 碼 / The code of an institution has ten characters"
        errors.append(FieldError("body.institution_code", "institution-code-format", message))
    if errors or number is None:
        raise ValidationFailed(errors=errors)
    return Facts(national_id_index=index, certificate_number=number[1], institution_code=code or None)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
