"""Consent texts over HTTP, and what oneself has agreed to: read, given, withdrawn."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from cec_chassis.clock import Clock, taipei_date
from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Request, needs, run_command
from cec_identity.consents.agree import agree
from cec_identity.consents.domain import Consequence, consequences_of
from cec_identity.consents.queries import GivenConsent, own_consents
from cec_identity.consents.texts import ConsentKind, ConsentText, Section, current_text, text_of
from cec_identity.consents.withdraw import withdraw_consent
from cec_identity.sessions.own_account import own_account

OWN = needs("identity.consents.own")


class ConsentTextView(msgspec.Struct, kw_only=True):
    """A text in both languages; `version` goes back with the consent."""

    kind: ConsentKind
    version: str
    title: str
    title_en: str
    sections: list[Section]


class AgreeRequest(Request):
    """Which text was read, in which version."""

    kind: ConsentKind
    version: Annotated[str, Meta(max_length=10, description="所同意之同意書版本 / the version agreed to")]


class WithdrawRequest(Request):
    """Which consent, and that the consequences (`GET /consents/mine/withdrawal`) are known."""

    kind: ConsentKind
    consequences_read: Annotated[bool, Meta(description="已閱讀並瞭解撤回之後果")] = False


class WithdrawalNotice(msgspec.Struct, kw_only=True):
    """What a withdrawal brings about."""

    kind: ConsentKind
    consequences: list[Consequence]


class WithdrawnConsent(msgspec.Struct, kw_only=True):
    """The versions that were withdrawn, and what came of it."""

    kind: ConsentKind
    versions: list[str]
    consequences: list[Consequence]


class ConsentController(Controller):
    path = "/consents"
    tags = ("consents",)

    @get("/{kind:str}", guards=[needs("identity.consents.read")])
    async def read_text(
        self,
        kind: FromPath[ConsentKind],
        clock: NamedDependency[Clock],
        version: Annotated[str | None, QueryParameter(max_length=10, description="舊版 / An earlier version")] = None,
    ) -> Response[ConsentTextView]:
        """The text that is agreed to today, or an earlier version of it. 404."""
        text = text_of(kind, version) if version else current_text(kind, taipei_date(clock.now()))
        return Response(_view(text), headers={"Cache-Control": "public, max-age=60"})

    @get("/mine", guards=[OWN])
    async def read_given(self, request: HttpRequest, database: NamedDependency[Database]) -> list[GivenConsent]:
        """What the caller has agreed to, with the text of each version; withdrawn consents too."""
        async with database.reading() as tx:
            return await own_consents(tx, request.user.account_id)

    @post("/mine", guards=[OWN], status_code=200)
    async def agree(
        self, request: HttpRequest, data: JSONBody[AgreeRequest], database: NamedDependency[Database]
    ) -> Response[list[GivenConsent]]:
        """Agree to the terms of today. 409 `consent-outdated`, `consent-not-asked`."""

        async def command(tx: Transaction) -> list[GivenConsent]:
            await agree(tx, await own_account(tx, request), data.kind, data.version)
            return await own_consents(tx, request.user.account_id)

        return await run_command(request, database, command)

    @get("/mine/withdrawal", guards=[OWN])
    async def read_consequences(self, kind: FromQuery[ConsentKind]) -> WithdrawalNotice:
        """What comes of withdrawing a consent: to be read before."""
        return WithdrawalNotice(kind=kind, consequences=list(consequences_of(kind)))

    @post("/mine/withdrawal", guards=[needs("identity.consents.withdraw")], status_code=200)
    async def withdraw(
        self, request: HttpRequest, data: JSONBody[WithdrawRequest], database: NamedDependency[Database]
    ) -> Response[WithdrawnConsent]:
        """Withdraw a consent. The account is closed with it. 401 `fresh-sign-in-needed`; 409 `no-consent`,
        `consequences-unread`, whose detail tells them."""

        async def command(tx: Transaction) -> WithdrawnConsent:
            account = await own_account(tx, request, held=False)
            versions = await withdraw_consent(tx, account, data.kind, consequences_read=data.consequences_read)
            return WithdrawnConsent(kind=data.kind, versions=versions, consequences=list(consequences_of(data.kind)))

        return await run_command(request, database, command)


def _view(text: ConsentText) -> ConsentTextView:
    return ConsentTextView(
        kind=text.kind,
        version=text.version,
        title=text.title,
        title_en=text.title_en,
        sections=list(text.sections),
    )
