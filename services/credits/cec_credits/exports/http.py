"""Exports over HTTP: two documents for whoever may look, and one address for everybody who holds one."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, PathParameter

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, needs
from cec_credits.exports.issue import Issued, Issuer, Kind
from cec_credits.exports.page import HEADERS, page_of, page_of_unknown
from cec_credits.exports.refusals import UnknownDocument
from cec_credits.exports.verify import Verification, verify
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.statements.access import Purpose, look, looked_at, purpose_of_request, remember_refusal
from cec_credits.statements.asked import Asked, asked_of_query
from cec_credits.statements.filters import Filters, filters_of_query

PDF = "application/pdf"
STATEMENT = "/{practitioner_id:uuid}/{profession:str}"
Token = Annotated[str, PathParameter(max_length=64, description="文件編號 / The number printed on the document")]


class ExportsController(Controller):
    """Statement and course records as signed PDF. Each look is audited as a look at the statement is."""

    path = "/statements"
    tags = ("exports",)
    guards = (needs("credits.statements.read", remember_refusal),)
    dependencies = {  # noqa: RUF012 - Litestar reads it, nobody writes it
        "asked": Provide(asked_of_query),
        "filters": Provide(filters_of_query),
        "purpose": Provide(purpose_of_request),
    }

    @get(STATEMENT + "/statement.pdf", media_type=PDF, **looked_at("statement.exported"))
    async def statement_pdf(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        issuer: NamedDependency[Issuer],
        practitioner_id: FromPath[UUID],
        profession: FromPath[str],
        asked: NamedDependency[Asked],
        purpose: NamedDependency[Purpose | None],
    ) -> Response[bytes]:
        """The statement with every record and its reason, signed; its QR code leads to the verification."""
        await look(request, database, [practitioner_id], purpose, profession=profession)
        context = request.command_context()
        issued = await issuer.issue(database, rules, context, Kind.STATEMENT, practitioner_id, profession, asked)
        return _download(issued, "積分統計")

    @get(STATEMENT + "/course-records.pdf", media_type=PDF, **looked_at("course_records.exported"))
    async def course_records_pdf(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        issuer: NamedDependency[Issuer],
        practitioner_id: FromPath[UUID],
        profession: FromPath[str],
        asked: NamedDependency[Asked],
        filters: NamedDependency[Filters],
        purpose: NamedDependency[Purpose | None],
    ) -> Response[bytes]:
        """Course records in their groups, as the filters let them through, signed."""
        await look(request, database, [practitioner_id], purpose, profession=profession)
        context = request.command_context()
        issued = await issuer.issue(
            database, rules, context, Kind.COURSE_RECORDS, practitioner_id, profession, asked, filters
        )
        return _download(issued, "上課紀錄")


class VerificationController(Controller):
    """Does a document still stand? Public: whoever holds it may ask, and learns nothing about whose it is."""

    path = "/verifications"
    tags = ("exports",)

    @get(
        "/{token:str}",
        responses={200: ResponseSpec(Verification, description="The document's state", generate_examples=False)},
        guards=[needs("credits.documents.verify")],
    )
    async def verification(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        token: Token,
    ) -> Response[Any]:
        """When it was issued, as of when, its totals, and whether they still hold; a page for browsers, else JSON."""
        wants_page = "text/html" in request.headers.get("accept", "")
        try:
            found = await verify(database, rules, token)
        except UnknownDocument:
            if wants_page:
                return Response(page_of_unknown(), status_code=404, media_type="text/html", headers=HEADERS)
            raise
        if wants_page:
            return Response(page_of(found), media_type="text/html", headers=HEADERS)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)


def _download(issued: Issued, name: str) -> Response[bytes]:
    filename = quote(f"{name}-{issued.number}-{issued.as_of:%Y%m%d}.pdf", safe="")
    return Response(
        issued.pdf,
        media_type=PDF,
        headers={
            "Content-Disposition": f"attachment; filename=\"document.pdf\"; filename*=UTF-8''{filename}",
            "Cache-Control": "no-store",
            "X-Document-Token": issued.token,
        },
    )
