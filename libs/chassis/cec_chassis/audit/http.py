"""The audit log over HTTP: one controller for administrators and one for the person, the same in every service.

A service lists what `audit_controller` and `looks_controller` make in its `ROUTES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from cec_chassis.audit.queries import (
    THE_PERSON,
    AuditEntryView,
    AuditQuestion,
    LookView,
    OrganisationNames,
    Subjects,
    entries,
    looks_at,
)
from cec_chassis.database import Database
from cec_chassis.http.paging import CursorPage, Page, Paging, decode_cursor, encode_cursor
from cec_chassis.http.requests import HttpRequest
from cec_chassis.problems import FieldError, ValidationFailed

AUDIT_LOG_READ = "audit_log.read"

Word = Annotated[str | None, QueryParameter(min_length=1, max_length=100)]
Why = Annotated[
    str, QueryParameter(min_length=1, max_length=200, description="查詢原因,將留存紀錄 / Why; it is written down")
]
Size = Annotated[int, QueryParameter(ge=1, le=200, description="每頁筆數 / Rows on a page")]


class AuditController(Controller):
    """The audit log 稽核紀錄. The look at it is written into it."""

    tags = ("audit",)

    @get("/audit")
    async def read_audit_log(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        reason: Why,
        subject_type: Word = None,
        subject_id: Word = None,
        account_id: FromQuery[UUID | None] = None,
        action: Word = None,
        look: FromQuery[bool | None] = None,
        since: FromQuery[datetime | None] = None,
        until: FromQuery[datetime | None] = None,
        cursor: Word = None,
        page_size: Size = 50,
    ) -> CursorPage[AuditEntryView]:
        """Rows of the audit log, the newest first. `look=true`: only where data was read; `since` counts, `until` not."""
        question = AuditQuestion(
            subject_type=subject_type,
            subject_id=subject_id,
            account_id=account_id,
            action=action,
            look=look,
            since=_with_zone("since", since),
            until=_with_zone("until", until),
        )
        before = None if cursor is None else decode_cursor(cursor, tuple[UUID])[0]
        async with database.transaction(request.command_context()) as tx:
            found = await entries(tx, question, before, page_size + 1)
            # Who asks for the rows about one person looks at that person's data, and they may know.
            tx.look(
                AUDIT_LOG_READ,
                subject_type=subject_type if subject_type and subject_id else "audit_log",
                subject_id=subject_id if subject_type and subject_id else "any",
                purpose=reason,
                what=question,
            )
        page, rest = found[:page_size], found[page_size:]
        return CursorPage(items=page, next_cursor=encode_cursor(page[-1].id) if rest else None)


def _with_zone(name: str, at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        message = "時間須含時區 / Say the time zone, such as 2026-03-02T12:00:00+08:00"
        raise ValidationFailed(errors=[FieldError(f"query.{name}", "no-time-zone", message)])
    return at


def audit_controller(*guards: Any) -> type[Controller]:
    """The administrators' controller behind these guards."""
    return type("AuditController", (AuditController,), {"guards": guards, "__doc__": AuditController.__doc__})


def looks_controller(
    names: OrganisationNames, *guards: Any, subjects: Sequence[Subjects] = (THE_PERSON,)
) -> type[Controller]:
    """The controller by which somebody reads who looked at their own data, behind these guards. `subjects`: as what they
    stand in the log of the service."""

    class LooksController(Controller):
        """Who looked at one's data 查詢紀錄."""

        tags = ("audit",)

        @get("/looks")
        async def looks_at_me(
            self, request: HttpRequest, database: NamedDependency[Database], paging: NamedDependency[Paging]
        ) -> Page[LookView]:
            """Who looked at one's own data here, when, what for and at what; the newest first. One's own looks are not told."""
            actor = request.user
            async with database.reading() as tx:
                return await looks_at(
                    tx,
                    names,
                    paging,
                    subjects,
                    person=actor.practitioner_id,
                    self=actor.account_id,
                )

    return type("LooksController", (LooksController,), {"guards": guards})
