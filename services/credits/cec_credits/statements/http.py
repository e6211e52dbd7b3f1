"""Statements over HTTP. A look at somebody else's statement says what for and is audited; one's own is not."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Paging, needs
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.statements.access import Purpose, look, looked_at, purpose_of_request, remember_refusal
from cec_credits.statements.answer import occasion_of
from cec_credits.statements.asked import Asked, asked_of_query
from cec_credits.statements.course_records import CourseRecords, course_records
from cec_credits.statements.filters import Filters, filters_of_query
from cec_credits.statements.queries import explain, statement_json, statements_json
from cec_credits.statements.refusals import NoStatement
from cec_credits.statements.views import EntriesView, StatementsView, StatementView, sums_of

PERSON = "/{practitioner_id:uuid}"
STATEMENT = PERSON + "/{profession:str}"
READING = needs("credits.statements.read", remember_refusal)


class StatementsController(Controller):
    path = "/statements"
    tags = ("statements",)
    dependencies = {  # noqa: RUF012 - Litestar reads it, nobody writes it
        "asked": Provide(asked_of_query),
        "filters": Provide(filters_of_query),
        "purpose": Provide(purpose_of_request),
    }

    @get(
        "/mine",
        guards=[needs("credits.statements.own", remember_refusal)],
        responses={200: ResponseSpec(StatementsView, description="Every profession", generate_examples=False)},
        **looked_at("statement.read"),
    )
    async def mine(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        asked: NamedDependency[Asked],
    ) -> Response[bytes]:
        """One's own statements, all professions."""
        if request.user.practitioner_id is None:
            raise NoStatement
        try:
            return _json(await statements_json(database, rules, request.user.practitioner_id, asked))
        except NoStatement:
            raise NoStatement from None  # this address names nobody, so no part of it is at fault

    @get(
        PERSON,
        guards=[READING],
        responses={200: ResponseSpec(StatementsView, description="Every profession", generate_examples=False)},
        **looked_at("statement.read"),
    )
    async def statements(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        practitioner_id: FromPath[UUID],
        asked: NamedDependency[Asked],
        purpose: NamedDependency[Purpose | None],
    ) -> Response[bytes]:
        """Where a practitioner stands in every profession they hold, each reckoned apart."""
        await look(request, database, [practitioner_id], purpose)
        return _json(await statements_json(database, rules, practitioner_id, asked))

    @get(
        STATEMENT,
        guards=[READING],
        responses={200: ResponseSpec(StatementView, description="The statement", generate_examples=False)},
        **looked_at("statement.read"),
    )
    async def statement(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        practitioner_id: FromPath[UUID],
        profession: FromPath[str],
        asked: NamedDependency[Asked],
        purpose: NamedDependency[Purpose | None],
    ) -> Response[bytes]:
        """Where a practitioner stands in one profession: today, as of a day, as known at a moment, or over a period."""
        await look(request, database, [practitioner_id], purpose, profession=profession)
        return _json(await statement_json(database, rules, practitioner_id, profession, asked.as_of, asked))

    @get(STATEMENT + "/entries", guards=[READING], **looked_at("statement.entries_read"))
    async def entries(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        practitioner_id: FromPath[UUID],
        profession: FromPath[str],
        asked: NamedDependency[Asked],
        filters: NamedDependency[Filters],
        paging: NamedDependency[Paging],
        purpose: NamedDependency[Purpose | None],
    ) -> EntriesView:
        """The records behind the statement: where each comes from, what counted, what was lost at which step and why."""
        await look(request, database, [practitioner_id], purpose, profession=profession)
        explained = await explain(database, rules, practitioner_id, profession, asked)
        found = [entry for entry in explained.statement.entries if filters.hold(entry, explained.course(entry))]
        page = found[paging.offset : paging.offset + paging.limit]
        return EntriesView(
            statement=explained.head,
            occasion=occasion_of(explained.statement),
            entries=[explained.view(entry) for entry in page],
            sums=sums_of(found),
            total=len(found),
            page=paging.page,
            page_size=paging.page_size,
        )

    @get(STATEMENT + "/course-records", guards=[READING], **looked_at("course_records.read"))
    async def course_records(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        practitioner_id: FromPath[UUID],
        profession: FromPath[str],
        asked: NamedDependency[Asked],
        filters: NamedDependency[Filters],
        purpose: NamedDependency[Purpose | None],
    ) -> CourseRecords:
        """Course records 上課紀錄 in their groups, over the renewal window or a period of one's own."""
        await look(request, database, [practitioner_id], purpose, profession=profession)
        return course_records(await explain(database, rules, practitioner_id, profession, asked), filters)


def _json(body: bytes) -> Response[bytes]:
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
