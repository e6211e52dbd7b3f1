"""Recovery over HTTP: strangers; what they are told depends on nothing that they do not know already."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Request, needs
from cec_identity.accounts.passwords import LONGEST, Passwords
from cec_identity.accounts.profile import LONGEST_ADDRESS
from cec_identity.lockout.guard import Lockout
from cec_identity.mail.links import LONGEST_TOKEN
from cec_identity.proof_of_work.limits import Limit, Limiter
from cec_identity.proof_of_work.proof import LONGEST_PROOF, ProofOfWork, Purpose
from cec_identity.recovery.ask_for_link import ask_for_link
from cec_identity.recovery.set_password import look_at_link, set_password
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.http import NOT_KEPT, refused
from cec_identity.sign_in.visit import visit_of
from cec_identity.vault import Vault

BY_ADDRESS = Limit("recovery-address", 30, timedelta(hours=1))
"""Of the network. What was typed is not counted: it would be used up by others. Mails are (`mail_links.py`)."""

GUARD = needs("identity.recovery.do")
_STRANGERS = {403: refused("須附工作量證明 / A proof of work is due"), 429: refused("嘗試次數過多 / Too many attempts")}
_GONE = {410: refused("已逾時、已使用或無效 / Expired, used or not valid")}

Token = Annotated[str, Meta(min_length=1, max_length=LONGEST_TOKEN, description="連結之權杖 / from the link")]


class RecoveryRequest(Request):
    """Name of the account, or its registered e-mail address."""

    who: Annotated[str, Meta(min_length=1, max_length=LONGEST_ADDRESS, description="帳號或 E-Mail")]
    proof_of_work: Annotated[str, Meta(max_length=LONGEST_PROOF, description="工作量證明")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "RecoveryRequest()"


class AskedView(msgspec.Struct, kw_only=True):
    """The same for everybody."""

    message: str = (
        "若有此帳號,已將帳號名稱及重設密碼之連結寄至其登記信箱 / If there is such an account, its name and a link were "
        "sent to its registered address"
    )


class LinkRequest(Request):
    """The token of the link."""

    token: Token

    def __repr__(self) -> str:
        """Nothing of it."""
        return "LinkRequest()"


class RecoveryLinkView(msgspec.Struct, kw_only=True):
    """Whose link it is."""

    account_name: str


class SetPasswordRequest(Request):
    """The token of the link, and the new password."""

    token: Token
    password: Annotated[str, Meta(min_length=1, max_length=4 * LONGEST, description="新密碼")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "SetPasswordRequest()"


class RecoveryController(Controller):
    path = "/recovery"
    tags = ("recovery",)
    guards = (GUARD,)

    @post("/", status_code=202, responses=_STRANGERS)
    async def ask(
        self,
        request: HttpRequest,
        data: JSONBody[RecoveryRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
        proof_of_work: NamedDependency[ProofOfWork],
        limiter: NamedDependency[Limiter],
    ) -> AskedView:
        """Ask for account name and a link to set a new password, to the registered address."""
        await proof_of_work.require(database, data.proof_of_work, Purpose.RECOVERY)
        await limiter.require(database, (BY_ADDRESS, visit_of(request).neighbourhood))
        async with database.transaction(request.command_context()) as tx:
            await ask_for_link(tx, data.who, vault.mails)
        return AskedView()

    @post("/link", status_code=200, responses=_GONE)
    async def look_at_link(
        self, data: JSONBody[LinkRequest], database: NamedDependency[Database]
    ) -> Response[RecoveryLinkView]:
        """Whose link it is; nothing is used up. 410 `link-invalid`."""
        async with database.reading() as tx:
            link = await look_at_link(tx, data.token)
        return Response(RecoveryLinkView(account_name=link.name), headers=NOT_KEPT)

    @post("/password", status_code=204, responses=_GONE)
    async def set_password(
        self,
        request: HttpRequest,
        data: JSONBody[SetPasswordRequest],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> None:
        """Set a new password. Every session ends. 410 `link-invalid`."""
        lockout = Lockout(settings, vault)
        await set_password(database, request.command_context(), passwords, lockout, data.token, data.password)
