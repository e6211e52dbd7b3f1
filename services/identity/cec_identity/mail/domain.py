"""A mail: to whom, from which template, with which values; and when to try again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cec_chassis.problems import Refusal
from cec_identity.accounts.profile import Language

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)
KEPT = timedelta(days=180)
"""How long a mail's row is kept after its end, to answer `did you write to me?`."""


class MailState(StrEnum):
    """Where a mail is. The last three are ends; an administrator can send failed and bounced ones again."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    """Taken over by the mail server; it may still come back as bounced."""
    FAILED = "failed"
    BOUNCED = "bounced"
    """The address does not exist, or takes no mail."""


class MailNotRetryable(Refusal):
    """Only a mail that failed or bounced is sent again, and only as long as what it says is still of use."""

    slug = "mail-not-retryable"
    status = 409
    title = "此郵件無法重寄 / This mail cannot be sent again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail to be written. `values` and `secrets` together are all that the template asks for."""

    template: str
    """Name of the files in `templates/`."""
    to: str
    """A checked address."""
    account_id: UUID | None = None
    language: Language = Language.CHINESE
    values: Mapping[str, str] = field(default_factory=dict)
    """Kept with the mail and shown to administrators: nothing by which anybody could do anything."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Links with tokens: sealed while the mail waits, erased when it is delivered."""
    not_before: datetime | None = None
    dedupe_key: str | None = None
    """A second mail with the same key is not written."""
    useless_after: datetime | None = None
    """When its link expires: it is not sent any more then."""
    bulk: bool = False
    """One of many (announcements): lets those pass by that somebody is waiting for."""


def wait_after(attempts: int) -> timedelta:
    """How long to wait after this many attempts: a minute, then twice as long each time, two hours at most."""
    doublings = min(attempts - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
