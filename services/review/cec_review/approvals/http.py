"""Approvals over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, needs, run_command
from cec_review.approvals.change_approval import ChangeApproval, ChangedApproval, change_approval
from cec_review.approvals.domain import ApprovalStatus, ApprovalView, CourseApproval
from cec_review.approvals.drop_change import DropChange, drop_change
from cec_review.approvals.open_change import OpenChangeOfApproval, open_change
from cec_review.approvals.queries import approval_of, approvals_for
from cec_review.approvals.withdraw_approval import WithdrawApproval, withdraw_approval

READING = needs("review.approvals.read")
CHANGING = needs("review.approvals.change")


class ApprovalController(Controller):
    """Approved courses and their points 課程核定."""

    path = "/approvals"
    tags = ["approvals"]  # noqa: RUF012 - Litestar's own declaration

    @get("/", guards=[READING])
    async def list_approvals(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        status: Annotated[
            ApprovalStatus | None, QueryParameter(description="狀態 / Only approvals in this state")
        ] = None,
        activity_id: Annotated[UUID | None, QueryParameter(description="活動 / Only courses of this activity")] = None,
    ) -> Page[ApprovalView]:
        """What the caller's review unit has approved, newest course first."""
        async with database.reading() as tx:
            return await approvals_for(tx, request.user, status, activity_id, paging)

    @get("/{course_id:uuid}", guards=[READING])
    async def read_approval(
        self, request: HttpRequest, database: NamedDependency[Database], course_id: FromPath[UUID]
    ) -> ApprovalView:
        """The approval of one course with the points that count now."""
        async with database.reading() as tx:
            return await approval_of(tx, request.user, course_id)

    @post("/{course_id:uuid}/change", guards=[CHANGING], status_code=200)
    async def change(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        course_id: FromPath[UUID],
        data: JSONBody[ChangeApproval],
    ) -> Response[ChangedApproval]:
        """Give other points, with a reason."""
        return await run_command(request, database, lambda tx: change_approval(tx, course_id, data))

    @post("/{course_id:uuid}/open-change", guards=[CHANGING], status_code=200)
    async def open_change(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        course_id: FromPath[UUID],
        data: JSONBody[OpenChangeOfApproval],
    ) -> Response[ApprovalView]:
        """Examine whether to change or withdraw it 異動; until that is decided the points stand, and say so."""
        return await _answer(request, database, lambda tx: open_change(tx, course_id, data))

    @post("/{course_id:uuid}/drop-change", guards=[CHANGING], status_code=200)
    async def drop_change(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        course_id: FromPath[UUID],
        data: JSONBody[DropChange],
    ) -> Response[ApprovalView]:
        """End the examination and leave the approval as it is."""
        return await _answer(request, database, lambda tx: drop_change(tx, course_id, data))

    @post("/{course_id:uuid}/withdraw", guards=[CHANGING], status_code=200)
    async def withdraw(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        course_id: FromPath[UUID],
        data: JSONBody[WithdrawApproval],
    ) -> Response[ApprovalView]:
        """Withdraw the approval for good, with a reason."""
        return await _answer(request, database, lambda tx: withdraw_approval(tx, course_id, data))


async def _answer(
    request: HttpRequest, database: Database, command: Callable[[Transaction], Awaitable[CourseApproval]]
) -> Response[ApprovalView]:
    async def run(tx: Transaction) -> ApprovalView:
        return (await command(tx)).shown()

    return await run_command(request, database, run)
