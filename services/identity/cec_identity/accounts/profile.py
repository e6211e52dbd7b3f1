"""Who is behind an account: the person's name and how to reach them. Pure.

An account that a machine uses, or that was opened before anybody said more, has no profile.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cec_chassis.problems import FieldError, ValidationFailed

LONGEST_ADDRESS = 254
"""Characters; RFC 5321 4.5.3.1.3 without the angle brackets."""
LONGEST_PERSON_NAME = 60

_LOCAL = re.compile(r"[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+(\.[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[0-9a-z]([0-9a-z-]{0,61}[0-9a-z])?")
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, invisible, broken and private characters, and ends of lines."""


class Language(StrEnum):
    """In which language somebody is written to."""

    CHINESE = "zh-Hant"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The person behind an account. `version` counts its changes, so that two who edit at once do not overwrite."""

    account_id: UUID
    person_name: str
    email: str | None = None
    email_verified_at: datetime | None = None
    """When the person followed a link that was sent there."""
    backup_email: str | None = None
    phone: str | None = None
    job_title: str | None = None
    notify_announcements: bool = True
    language: Language = Language.CHINESE
    version: int = 1


def email_key(address: str) -> str:
    """By what two addresses are the same. Servers may tell capitals apart before the @; none in use does."""
    return address.lower()


def checked_email(text: str, path: str = "body.email") -> str:
    """The address in half width, its domain in lower case.

    ASCII only: an address that looks like another one (homoglyphs) would get somebody else's links. A domain of another
    script is given in its `xn--` form.

    Raises:
        ValidationFailed: it is no address that mail could be sent to; `email-format`.
    """
    address = unicodedata.normalize("NFKC", text).strip()
    local, at, domain = address.rpartition("@")
    domain = domain.lower()
    labels = domain.split(".")
    good = (
        at
        and len(address) <= LONGEST_ADDRESS
        and len(local) <= 64
        and _LOCAL.fullmatch(local)
        and len(labels) >= 2
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )
    if not good:
        message = "電子郵件格式錯誤,請以半形英數字填寫 / Not an e-mail address; use plain letters and digits"
        raise ValidationFailed(errors=[FieldError(path, "email-format", message)])
    return f"{local}@{domain}"


def checked_line(text: str, path: str, longest: int) -> str:
    """A text of one line that people typed: composed (NFC), trimmed, without invisible characters.

    Raises:
        ValidationFailed: `missing-value`, `too-long` or `bad-character`.
    """
    line = unicodedata.normalize("NFC", text).strip()
    if not line:
        raise ValidationFailed(errors=[FieldError(path, "missing-value", "必填 / Required")])
    if len(line) > longest:
        message = f"至多 {longest} 字 / {longest} characters at most"
        raise ValidationFailed(errors=[FieldError(path, "too-long", message)])
    if any(unicodedata.category(character) in _UNWANTED for character in line):
        message = "含有控制字元 / Contains a control character"
        raise ValidationFailed(errors=[FieldError(path, "bad-character", message)])
    return line


def checked_person_name(text: str, path: str = "body.person_name") -> str:
    """A person's name. Raises ValidationFailed as `checked_line` does."""
    return checked_line(text, path, LONGEST_PERSON_NAME)


def masked_email(address: str) -> str:
    """`l***@example.org`: enough to recognise one's own, too little to write to."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"
