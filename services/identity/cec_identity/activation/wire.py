"""What activation hears and says over HTTP."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from cec_chassis.http import Request
from cec_identity.accounts.passwords import LONGEST
from cec_identity.accounts.profile import LONGEST_ADDRESS, Language
from cec_identity.activation.domain import ActivationState
from cec_identity.mail.domain import MailState
from cec_identity.mail.links import LONGEST_TOKEN
from cec_identity.proof_of_work.proof import LONGEST_PROOF

Ticket = Annotated[str, Meta(min_length=1, max_length=LONGEST_TOKEN, description="開通憑據 / from the first step")]
Token = Annotated[str, Meta(min_length=1, max_length=LONGEST_TOKEN, description="認證信連結之權杖 / from the link")]


class CheckRequest(Request):
    """What one says about oneself."""

    national_id: Annotated[str, Meta(min_length=1, max_length=40, description="身分證或統一證號")]
    practising: Annotated[bool, Meta(description="執業 / 未執業")]
    certificate_number: Annotated[str, Meta(min_length=1, max_length=40, description="證書字號,6 碼")]
    proof_of_work: Annotated[str, Meta(max_length=LONGEST_PROOF, description="工作量證明")]
    institution_code: Annotated[str, Meta(max_length=40, description="執業機構代碼,10 碼")] | None = None

    def __repr__(self) -> str:
        """Nothing of it."""
        return "CheckRequest()"


class Status(StrEnum):
    """What the first step tells."""

    NOT_ACTIVATED = "not-activated"
    ACTIVATED = "activated"


class CheckView(msgspec.Struct, kw_only=True):
    """Whether one has an account. Without one there is a ticket for the next steps, shown once."""

    status: Status
    ticket: str | None
    ticket_expires_at: datetime | None


class NameRequest(Request):
    """A name one would like."""

    ticket: Ticket
    name: Annotated[str, Meta(min_length=1, max_length=64, description="帳號")]


class NameView(msgspec.Struct, kw_only=True):
    """The name as it would be kept, and whether it is free."""

    name: str
    free: bool


class SendRequest(Request):
    """The account one would like, the address (twice), and the consent."""

    ticket: Ticket
    name: Annotated[str, Meta(min_length=1, max_length=64, description="帳號")]
    email: Annotated[str, Meta(min_length=1, max_length=LONGEST_ADDRESS, description="E-Mail")]
    email_again: Annotated[str, Meta(min_length=1, max_length=LONGEST_ADDRESS, description="確認 E-Mail")]
    consent_version: Annotated[str, Meta(max_length=10, description="所同意之同意書版本 / the version agreed to")]
    language: Language = Language.CHINESE


class TicketRequest(Request):
    """The ticket of the first step."""

    ticket: Ticket


class ActivationView(msgspec.Struct, kw_only=True):
    """How far it has come. `mail_state` `bounced` or `failed`: the address is wrong or takes no mail; give another."""

    state: ActivationState
    account_name: str | None
    email: str | None
    mail_state: MailState | None
    mails_left: int
    link_expires_at: datetime | None


class LinkRequest(Request):
    """The token of the link."""

    token: Token

    def __repr__(self) -> str:
        """Nothing of it."""
        return "LinkRequest()"


class LinkView(msgspec.Struct, kw_only=True):
    """Whose link it is."""

    account_name: str


class OpenRequest(Request):
    """The token of the link, and the password."""

    token: Token
    password: Annotated[str, Meta(min_length=1, max_length=4 * LONGEST, description="密碼")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "OpenRequest()"


class OpenedView(msgspec.Struct, kw_only=True):
    """The account by which one signs in from now on."""

    account_name: str
