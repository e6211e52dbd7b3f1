"""Cases over HTTP. The shape of a decision is in `decision.py`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Page, Paging, needs, run_command
from cec_review.cases.decide_case import decide_case
from cec_review.cases.decision import Decision
from cec_review.cases.domain import CaseStatus
from cec_review.cases.looks import looked_at_case
from cec_review.cases.queries import CaseLine, CaseView, DecidedCase, case_of, cases_for

READING = needs("review.cases.read")


class CaseController(Controller):
    """The work queue of a review unit 案件審查."""

    path = "/cases"
    tags = ["cases"]  # noqa: RUF012 - Litestar's own declaration

    @get("/", guards=[READING])
    async def list_cases(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        status: Annotated[CaseStatus | None, QueryParameter(description="審查結果 / Only cases in this state")] = None,
        activity_id: Annotated[UUID | None, QueryParameter(description="活動 / Only cases of this activity")] = None,
    ) -> Page[CaseLine]:
        """Cases of the caller's review unit; open ones oldest first, others newest first."""
        async with database.reading() as tx:
            return await cases_for(tx, request.user, status, activity_id, paging)

    @get("/{case_id:uuid}", guards=[READING])
    async def read_case(
        self, request: HttpRequest, database: NamedDependency[Database], case_id: FromPath[UUID]
    ) -> CaseView:
        """One case: the submission as it came in, and suggested points for each course. Its lecturers can read who looked."""
        async with database.transaction(request.command_context()) as tx:
            case = await case_of(tx, request.user, case_id)
            looked_at_case(tx, case)
        return case

    @post("/{case_id:uuid}/decision", guards=[needs("review.cases.decide")], status_code=200)
    async def decide(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        case_id: FromPath[UUID],
        data: JSONBody[Decision],
    ) -> Response[DecidedCase]:
        """Pass with points, fail, or return for changes. Final."""
        return await run_command(request, database, lambda tx: decide_case(tx, case_id, data))
