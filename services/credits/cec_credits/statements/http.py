"""Statements over HTTP. A look at somebody else's statement is audited; one's own is not."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery

from cec_chassis.clock import taipei_date
from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Role, allow
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.statements.answer import EntryAnswer, entry_of
from cec_credits.statements.queries import StatementHead, Window, statement_json, statement_on
from cec_credits.statements.refusals import NotYourStatement
from cec_credits.statements.summary import Summary

READERS = (
    Role.PRACTITIONER,
    Role.OFFERING_UNIT,
    Role.REVIEW_UNIT,
    Role.COMMITTEE_MEMBER,
    Role.SYSTEM_ADMINISTRATOR,
    Role.OTHER_SYSTEM,
)


class StatementView(Summary, frozen=True, kw_only=True):
    """A statement 積分統計(單筆): head and totals together."""

    practitioner_id: UUID
    profession: str
    as_of: date
    window: Window
    version: int | None
    computed_at: str
    freshness: str


class EntriesView(msgspec.Struct, frozen=True):
    """Every record of a statement with what became of it, step by step."""

    statement: StatementHead
    entries: list[EntryAnswer]


class StatementsController(Controller):
    path = "/statements"
    tags = ("statements",)

    @get(
        "/{practitioner_id:uuid}/{profession:str}",
        guards=[allow(*READERS)],
        responses={200: ResponseSpec(StatementView, description="The statement", generate_examples=False)},
    )
    async def statement(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        practitioner_id: FromPath[UUID],
        profession: FromPath[str],
        as_of: FromQuery[date | None] = None,
    ) -> Response[bytes]:
        """Where a practitioner stands in one profession, today or as of a day (Asia/Taipei)."""
        await _may_read(request, database, practitioner_id, "statement.read")
        body = await statement_json(database, rules, practitioner_id, profession, as_of)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    @get("/{practitioner_id:uuid}/{profession:str}/entries", guards=[allow(*READERS)])
    async def entries(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        practitioner_id: FromPath[UUID],
        profession: FromPath[str],
        as_of: FromQuery[date | None] = None,
    ) -> EntriesView:
        """Every record behind the statement: its points, what counted, what was lost at which step and why."""
        await _may_read(request, database, practitioner_id, "statement.entries_read")
        day = as_of or taipei_date(database.clock.now())
        head, statement = await statement_on(database, rules, practitioner_id, profession, day)
        return EntriesView(head, [entry_of(entry) for entry in statement.entries])


async def _may_read(request: HttpRequest, database: Database, practitioner_id: UUID, action: str) -> None:
    """Raises NotYourStatement. Others than the person leave a trace."""
    actor = request.user
    if actor.practitioner_id == practitioner_id:
        return
    if actor.role == Role.PRACTITIONER:
        raise NotYourStatement
    async with database.transaction(request.command_context()) as tx:
        tx.audit(action, subject_type="practitioner", subject_id=practitioner_id)
