"""Medical institutions over HTTP: public knowledge, looked up before one has an account."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import Page, Paging, needs
from cec_chassis.problems import NotFound
from cec_identity.institutions.store import Institution, institutions_by_code, institutions_page


class InstitutionController(Controller):
    path = "/institutions"
    tags = ("institutions",)

    @get("/", guards=[needs("identity.institutions.read")])
    async def list_institutions(
        self,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        name: Annotated[
            str | None, QueryParameter(min_length=1, max_length=100, description="名稱含此文字 / Part of the name")
        ] = None,
        county: Annotated[str | None, QueryParameter(max_length=20, description="縣市 / County")] = None,
        active: Annotated[bool, QueryParameter(description="僅列開業中者 / Only those in operation")] = True,
    ) -> Page[Institution]:
        """Medical institutions, ordered by code."""
        async with database.reading() as tx:
            return await institutions_page(
                tx,
                paging,
                name=None if name is None else unicodedata.normalize("NFC", name),
                county=None if county is None else unicodedata.normalize("NFC", county).replace("台", "臺"),
                active_only=active,
            )

    @get("/{code:str}", guards=[needs("identity.institutions.read")])
    async def read_institution(self, code: FromPath[str], database: NamedDependency[Database]) -> Institution:
        """One institution by its ten-character code. 404."""
        written = unicodedata.normalize("NFKC", code).strip().upper()
        async with database.reading() as tx:
            found = await institutions_by_code(tx, [written])
        if written not in found:
            raise NotFound
        return found[written]
