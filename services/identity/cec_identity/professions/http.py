"""Professions that another system looks after, over HTTP: everybody may know, administrators decide."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Request, needs, run_command
from cec_contracts.vocabulary import PROFESSION_PATTERN, ProfessionCode
from cec_identity.professions.hand_over import hand_over, take_back
from cec_identity.professions.store import Elsewhere, all_elsewhere

Profession = Annotated[
    ProfessionCode, PathParameter(pattern=PROFESSION_PATTERN, description="人員類別代碼 / Code of a profession")
]
Reason = Annotated[str, Meta(min_length=1, max_length=400, pattern=r"\S", description="原因 / Why")]


class HandOverRequest(Request):
    """Since when, to which system, and where people find it. The address is shown to people and never fetched."""

    since: date
    system: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S", description="系統名稱 / Its name")]
    address: Annotated[
        str,
        Meta(
            max_length=300,
            pattern=r"^https://[^\s<>\"']+$",
            description="網址 / https only",
            extra={"form": "須以 https:// 開頭且不含空白 / it begins with https:// and has no spaces"},
        ),
    ]
    reason: Reason


class TakeBackRequest(Request):
    """Why."""

    reason: Reason


class ProfessionController(Controller):
    path = "/professions-elsewhere"
    tags = ("professions",)

    @get("/", guards=[needs("identity.professions.read")])
    async def list_elsewhere(self, database: NamedDependency[Database]) -> list[Elsewhere]:
        """The professions 醫事人員類別 that another system looks after, or soon will."""
        async with database.reading() as tx:
            return await all_elsewhere(tx)

    @put("/{profession:str}", guards=[needs("identity.professions.change")])
    async def hand_over(
        self,
        request: HttpRequest,
        profession: Profession,
        data: JSONBody[HandOverRequest],
        database: NamedDependency[Database],
    ) -> Response[Elsewhere]:
        """Another system looks after this profession from a day on; the registry's rows of it are skipped then."""
        wanted = Elsewhere(profession=profession, since=data.since, system=data.system.strip(), address=data.address)
        return await run_command(request, database, lambda tx: hand_over(tx, wanted, data.reason))

    @post("/{profession:str}/take-back", status_code=204, guards=[needs("identity.professions.change")])
    async def take_back(
        self,
        request: HttpRequest,
        profession: Profession,
        data: JSONBody[TakeBackRequest],
        database: NamedDependency[Database],
    ) -> Response[None]:
        """We look after this profession again."""

        async def command(tx: Transaction) -> None:
            await take_back(tx, profession, data.reason)

        return await run_command(request, database, command, status=204)
