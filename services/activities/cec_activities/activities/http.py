"""Activities over HTTP. The shapes of requests are in `proposal.py`; answers are the aggregate itself."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from cec_activities.activities.domain import Activity, Status
from cec_activities.activities.draft_activity import draft_activity
from cec_activities.activities.looks import looked_at_activity
from cec_activities.activities.proposal import Proposal, Revision
from cec_activities.activities.queries import ActivityLine, activities_for, activity_of
from cec_activities.activities.revise_activity import revise_activity
from cec_activities.activities.submit_activity import submit_activity
from cec_activities.activities.withdraw_activity import withdraw_activity
from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Page, Paging, needs, run_command

WRITING = needs("activities.activities.write")
READING = needs("activities.activities.read")


class ActivityController(Controller):
    """Group activities 團體類活動管理."""

    path = "/activities"
    tags = ["activities"]  # noqa: RUF012 - Litestar's own declaration

    @get("/", guards=[READING])
    async def list_activities(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        status: Annotated[Status | None, QueryParameter(description="狀態 / Only activities in this state")] = None,
    ) -> Page[ActivityLine]:
        """Own activities, those addressed to the review unit, or all for an administrator; newest first."""
        async with database.reading() as tx:
            return await activities_for(tx, request.user, status, paging)

    @get("/{activity_id:uuid}", guards=[READING])
    async def read_activity(
        self, request: HttpRequest, database: NamedDependency[Database], activity_id: FromPath[UUID]
    ) -> Activity:
        """One activity with its courses and lecturers, who can read who looked."""
        async with database.transaction(request.command_context()) as tx:
            activity = await activity_of(tx, request.user, activity_id)
            looked_at_activity(tx, activity)
        return activity

    @post("/", guards=[WRITING], status_code=201)
    async def draft(
        self, request: HttpRequest, database: NamedDependency[Database], data: JSONBody[Proposal]
    ) -> Response[Activity]:
        """Start a new case; it is a draft until it is submitted."""
        return await run_command(request, database, lambda tx: draft_activity(tx, data), status=201)

    @put("/{activity_id:uuid}", guards=[WRITING])
    async def revise(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        activity_id: FromPath[UUID],
        data: JSONBody[Revision],
    ) -> Response[Activity]:
        """Replace the content of a draft or of a returned activity."""
        return await run_command(request, database, lambda tx: revise_activity(tx, activity_id, data))

    @post("/{activity_id:uuid}/submit", guards=[WRITING], status_code=200)
    async def submit(
        self, request: HttpRequest, database: NamedDependency[Database], activity_id: FromPath[UUID]
    ) -> Response[Activity]:
        """Hand the activity to its review unit; it is frozen from then on."""
        return await run_command(request, database, lambda tx: submit_activity(tx, activity_id))

    @post("/{activity_id:uuid}/withdraw", guards=[WRITING], status_code=200)
    async def withdraw(
        self, request: HttpRequest, database: NamedDependency[Database], activity_id: FromPath[UUID]
    ) -> Response[Activity]:
        """Take the activity back while it is under review; this is final."""
        return await run_command(request, database, lambda tx: withdraw_activity(tx, activity_id))
