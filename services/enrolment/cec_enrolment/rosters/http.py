"""Rosters and attendances over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_chassis.problems import FieldError, ValidationFailed
from cec_contracts.vocabulary import Minutes, ParticipantRole, ProfessionCode
from cec_enrolment.courses.queries import Roster, RosterFilter, roster_of, rosters_for
from cec_enrolment.rosters.correct_attendance import CorrectAttendance, correct_attendance
from cec_enrolment.rosters.domain import Attendance
from cec_enrolment.rosters.looks import looked_at_roster
from cec_enrolment.rosters.queries import RosterEntry, entries_of
from cec_enrolment.rosters.record_attendance import RecordAttendance, record_attendance
from cec_enrolment.rosters.withdraw_attendance import WithdrawAttendance, withdraw_attendance

KEEPING = needs("enrolment.rosters.keep")
READING = needs("enrolment.rosters.read")

Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S", description="原因 / Why")]


class NewAttendance(Request, kw_only=True):
    """Somebody to put on the roster, named in exactly one way. `minutes` left out: the whole course.

    Without `profession`, the person's only profession with points in this role is taken.
    """

    practitioner_id: UUID | None = None
    number: Annotated[str, Meta(min_length=1, max_length=40, description="人員代碼")] | None = None
    national_id: Annotated[str, Meta(min_length=1, max_length=40, description="身分證或統一證號")] | None = None
    role: ParticipantRole = ParticipantRole.LEARNER
    minutes: Minutes | None = None
    profession: ProfessionCode | None = None


class Correction(Request, kw_only=True):
    """What shall be different; fields left out stay. `minutes` null: the whole course."""

    role: ParticipantRole | UnsetType = UNSET
    minutes: Minutes | UnsetType | None = UNSET
    profession: ProfessionCode | UnsetType = UNSET
    reason: Reason


class Withdrawal(Request, kw_only=True):
    """Why somebody is taken off the roster."""

    reason: Reason


class RosterController(Controller):
    """Rosters of approved courses 學員名單登錄."""

    path = "/rosters"
    tags = ["rosters"]  # noqa: RUF012 - Litestar's own declaration

    @get("/", guards=[READING])
    async def list_rosters(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        q: Annotated[
            str | None, QueryParameter(max_length=100, description="代碼或名稱 / Part of a code or title")
        ] = None,
        held_from: Annotated[
            date | None, QueryParameter(name="from", description="舉辦日期起 / Held from this day")
        ] = None,
        held_to: Annotated[
            date | None, QueryParameter(name="to", description="舉辦日期迄 / Held until this day")
        ] = None,
        open_only: Annotated[bool, QueryParameter(name="open", description="僅列可登錄者 / Only open ones")] = False,
    ) -> Page[Roster]:
        """A unit's own rosters with their deadlines, those a review unit approved, or all; latest course first."""
        if held_from is not None and held_to is not None and held_to < held_from:
            message = "迄日早於起日 / The last day lies before the first"
            raise ValidationFailed(errors=[FieldError("query.to", "out-of-range", message)])
        wanted = RosterFilter(text=q, held_from=held_from, held_to=held_to, open_only=open_only)
        async with database.reading() as tx:
            return await rosters_for(tx, request.user, wanted, paging)

    @get("/{course_id:uuid}", guards=[READING])
    async def read_roster(
        self, request: HttpRequest, database: NamedDependency[Database], course_id: FromPath[UUID]
    ) -> Roster:
        """The head of one roster."""
        async with database.reading() as tx:
            return await roster_of(tx, request.user, course_id)

    @get("/{course_id:uuid}/attendances", guards=[READING])
    async def list_attendances(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        course_id: FromPath[UUID],
        status: Annotated[Literal["recorded", "withdrawn"] | None, QueryParameter(description="狀態 / Status")] = None,
        role: Annotated[ParticipantRole | None, QueryParameter(description="角色 / Role")] = None,
    ) -> Page[RosterEntry]:
        """The lines of a roster in the order in which they were recorded, withdrawn ones too unless filtered. Those who
        stand on it can read that it was looked at."""
        async with database.transaction(request.command_context()) as tx:
            page = await entries_of(tx, request.user, course_id, paging, status=status, role=role)
            looked_at_roster(tx, course_id)
        return page

    @post("/{course_id:uuid}/attendances", guards=[KEEPING], status_code=201)
    async def record(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        index_key: NamedDependency[bytes],
        course_id: FromPath[UUID],
        data: JSONBody[NewAttendance],
    ) -> Response[Attendance]:
        """Put somebody on the roster, or back on it after a withdrawal."""
        command = RecordAttendance(course_id=course_id, **msgspec.structs.asdict(data))
        return await run_command(request, database, lambda tx: record_attendance(tx, command, index_key), status=201)


class AttendanceController(Controller):
    """Single lines of rosters."""

    path = "/attendances"
    tags = ["rosters"]  # noqa: RUF012 - Litestar's own declaration

    @post("/{attendance_id:uuid}/correct", guards=[KEEPING], status_code=200)
    async def correct(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        attendance_id: FromPath[UUID],
        data: JSONBody[Correction],
    ) -> Response[Attendance]:
        """Correct a line; after the deadline only for the system administrator."""
        command = CorrectAttendance(attendance_id=attendance_id, **msgspec.structs.asdict(data))
        return await run_command(request, database, lambda tx: correct_attendance(tx, command))

    @post("/{attendance_id:uuid}/withdraw", guards=[KEEPING], status_code=200)
    async def withdraw(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        attendance_id: FromPath[UUID],
        data: JSONBody[Withdrawal],
    ) -> Response[Attendance]:
        """Take a line off the roster; after the deadline only for the system administrator."""
        command = WithdrawAttendance(attendance_id=attendance_id, reason=data.reason)
        return await run_command(request, database, lambda tx: withdraw_attendance(tx, command))
