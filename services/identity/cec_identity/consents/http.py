"""Consent texts over HTTP, and what oneself has agreed to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from cec_chassis.clock import Clock, taipei_date
from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, needs
from cec_identity.consents.texts import ConsentKind, ConsentText, Section, current_text, text_of


class ConsentTextView(msgspec.Struct, kw_only=True):
    """A text in both languages; `version` goes back with the consent."""

    kind: ConsentKind
    version: str
    title: str
    title_en: str
    sections: list[Section]


class GivenConsent(msgspec.Struct, kw_only=True):
    """What oneself agreed to, and when."""

    kind: ConsentKind
    version: str
    given_at: datetime


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

    @get("/mine", guards=[needs("identity.consents.own")])
    async def read_given(self, request: HttpRequest, database: NamedDependency[Database]) -> list[GivenConsent]:
        """What the caller has agreed to."""
        async with database.reading() as tx:
            rows = await tx.all(
                "SELECT kind, version, given_at FROM consents WHERE account_id = :id ORDER BY given_at, kind",
                id=request.user.account_id,
            )
        return [GivenConsent(kind=ConsentKind(row.kind), version=row.version, given_at=row.given_at) for row in rows]


def _view(text: ConsentText) -> ConsentTextView:
    return ConsentTextView(
        kind=text.kind,
        version=text.version,
        title=text.title,
        title_en=text.title_en,
        sections=list(text.sections),
    )
