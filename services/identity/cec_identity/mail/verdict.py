"""What an answer of a mail server means for the mail. Pure."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from aiosmtplib import errors

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NO_SUCH_ADDRESS = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
"""RFC 3463: bad mailbox, bad system, bad form, moved away, no mail wanted here (null MX), mailbox disabled, no host."""
_CODES_OF_ADDRESS = frozenset({550, 551, 553})
"""Without an enhanced code, these speak of the address."""
LONGEST_REASON = 200


class Outcome(Enum):
    """What to do with the mail."""

    DELIVERED = auto()
    RETRY = auto()
    FAILED = auto()
    """For good; the address itself may be sound (content refused, mailbox full)."""
    BOUNCED = auto()
    """For good; the address takes no mail."""
    SERVER = auto()
    """The mail is not to blame: the server is away or does not let us in. All mails wait."""


class Verdict(NamedTuple):
    """The outcome, and the reason as an administrator reads it."""

    outcome: Outcome
    reason: str = ""


DELIVERED = Verdict(Outcome.DELIVERED)
UNWRITABLE = Verdict(Outcome.FAILED, "the message could not be made")


def verdict_of(error: Exception) -> Verdict:
    """What a failed attempt says about the mail."""
    if isinstance(error, errors.SMTPRecipientsRefused):
        refused = error.recipients[0]
        return of_answer(refused.code, refused.message)
    if isinstance(error, (errors.SMTPSenderRefused, errors.SMTPAuthenticationError, errors.SMTPHeloError)):
        return Verdict(Outcome.SERVER, _told(error.code, error.message))
    if isinstance(error, errors.SMTPResponseException):
        return of_answer(error.code, error.message)
    if isinstance(error, ValueError):
        return UNWRITABLE
    return Verdict(Outcome.RETRY, type(error).__name__)


def of_answer(code: int, text: str) -> Verdict:
    """The verdict of an SMTP answer to one mail."""
    reason = _told(code, text)
    enhanced = _ENHANCED.search(text)
    if code < 500:
        return Verdict(Outcome.RETRY, reason)
    address_at_fault = enhanced.group() in _NO_SUCH_ADDRESS if enhanced else code in _CODES_OF_ADDRESS
    return Verdict(Outcome.BOUNCED if address_at_fault else Outcome.FAILED, reason)


def of_status(status: str) -> Verdict | None:
    """The verdict of a delivery report's status (RFC 3464); None when it says nothing final."""
    enhanced = _ENHANCED.fullmatch(status.strip())
    if enhanced is None or enhanced[1] != "5":
        return None
    outcome = Outcome.BOUNCED if enhanced.group() in _NO_SUCH_ADDRESS else Outcome.FAILED
    return Verdict(outcome, f"reported: {enhanced.group()}")


def _told(code: int, text: str) -> str:
    """Code and first words of the server, on one line. Servers quote the address they refuse; that is known anyway."""
    return " ".join(f"{code} {text}".split())[:LONGEST_REASON]
