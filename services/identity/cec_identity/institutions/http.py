"""Medical institutions over HTTP: public knowledge, looked up before one has an account."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import Page, Paging, needs
from cec_chassis.problems import FieldError, ValidationFailed
from cec_contracts.counties import NO_SUCH_COUNTY, UNKNOWN_COUNTY, county_of
from cec_identity.institutions.store import Institution, institutions_page
from cec_identity.registry.institution_code import is_institution_code


class InstitutionController(Controller):
    path = "/institutions"
    tags = ("institutions",)

    @get("/", guards=[needs("identity.institutions.read")])
    async def list_institutions(
        self,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        code: Annotated[
            str | None, QueryParameter(min_length=1, max_length=20, description="醫事機構代碼 / Ten-character code")
        ] = None,
        name: Annotated[
            str | None, QueryParameter(min_length=1, max_length=100, description="名稱含此文字 / Part of the name")
        ] = None,
        county: Annotated[str | None, QueryParameter(max_length=20, description="縣市 / County")] = None,
        active: Annotated[bool, QueryParameter(description="僅列開業中者 / Only those in operation")] = True,
    ) -> Page[Institution]:
        """Medical institutions, ordered by code. By its code one is found whether in operation or not.

        The code is in the query and not in the path: people type their national ID, which has ten characters as well, and
        paths stand in logs. 422 `institution-code-format`, `unknown-county`.
        """
        wanted = None if code is None else unicodedata.normalize("NFKC", code).strip().upper()
        if wanted is not None and not is_institution_code(wanted):
            message = "醫事機構代碼為 10 碼 / An institution code has ten characters"
            raise ValidationFailed(errors=[FieldError("query.code", "institution-code-format", message)])
        in_county = None if county is None else county_of(county)
        if county is not None and in_county is None:
            raise ValidationFailed(errors=[FieldError("query.county", UNKNOWN_COUNTY, NO_SUCH_COUNTY)])
        async with database.reading() as tx:
            return await institutions_page(
                tx,
                paging,
                code=wanted,
                name=None if name is None else unicodedata.normalize("NFC", name),
                county=in_county,
                active_only=active and wanted is None,
            )
