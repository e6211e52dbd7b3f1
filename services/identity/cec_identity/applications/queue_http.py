"""Applications over HTTP: the administrators' queue."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.passwords import Passwords
from cec_identity.applications.approve import Approve, approve
from cec_identity.applications.domain import ApplicationStatus
from cec_identity.applications.queries import (
    ApplicationLine,
    ApplicationView,
    application_view,
    applications_page,
)
from cec_identity.applications.reject import reject
from cec_identity.applications.send_link_again import send_link_again
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

READING = needs("identity.applications.read")
DECIDING = needs("identity.applications.decide")


class ApproveRequest(Request):
    """A yes. All of it may be left out."""

    organisation_id: Annotated[UUID | None, Meta(description="改用已登錄之單位 / a registered one instead")] = None
    organisation_code: Annotated[str, Meta(max_length=20, description="新單位之代碼 / empty: the next number")] = ""
    another: Annotated[bool, Meta(description="確認非疑似重複之單位 / none of those that it looks like")] = False


class RejectRequest(Request):
    """Why; the applicant is told."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S", description="未核准原因")]


class ApplicationQueueController(Controller):
    path = "/applications"
    tags = ("applications",)

    @get("/", guards=[READING])
    async def list_applications(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        status: FromQuery[ApplicationStatus | None] = None,
        role: FromQuery[AccountRole | None] = None,
        text: Annotated[
            str | None,
            QueryParameter(min_length=1, max_length=100, description="帳號、姓名或單位含此文字 / part of it"),
        ] = None,
    ) -> Page[ApplicationLine]:
        """Applications, the oldest first. Applicants who have an account can read that they were shown."""
        async with database.transaction(request.command_context()) as tx:
            page = await applications_page(tx, paging, status=status, role=role, text=text)
            for line in page.items:
                tx.look(
                    "application.listed", subject_type="application", subject_id=line.application_id, purpose="decision"
                )
        return page

    @get("/{application_id:uuid}", guards=[READING])
    async def read_application(
        self,
        request: HttpRequest,
        application_id: FromPath[UUID],
        database: NamedDependency[Database],
    ) -> ApplicationView:
        """One application, its national ID masked; the look is recorded. 404."""
        async with database.transaction(request.command_context()) as tx:
            view = await application_view(tx, application_id)
            tx.look("application.read", subject_type="application", subject_id=application_id, purpose="decision")
        return view

    @post("/{application_id:uuid}/approve", status_code=200, guards=[DECIDING])
    async def approve(
        self,
        request: HttpRequest,
        application_id: FromPath[UUID],
        data: JSONBody[ApproveRequest],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[ApplicationView]:
        """Open the account, register a proposed organisation, mail the applicant. 404, 409 `application-decided`,
        `organisation-looks-known`, `recognise-first`, `account-name-taken`, `organisation-code-taken`."""
        command = await Approve.prepared(
            passwords,
            organisation_id=data.organisation_id,
            organisation_code=data.organisation_code,
            another=data.another,
        )

        async def run(tx: Transaction) -> ApplicationView:
            await approve(tx, application_id, command, settings, vault)
            return await application_view(tx, application_id)

        return await run_command(request, database, run)

    @post("/{application_id:uuid}/reject", status_code=200, guards=[DECIDING])
    async def reject(
        self,
        request: HttpRequest,
        application_id: FromPath[UUID],
        data: JSONBody[RejectRequest],
        database: NamedDependency[Database],
    ) -> Response[ApplicationView]:
        """Reject it; the applicant is mailed the reason and may apply again. 404, 409 `application-decided`."""

        async def run(tx: Transaction) -> ApplicationView:
            await reject(tx, application_id, data.reason.strip())
            return await application_view(tx, application_id)

        return await run_command(request, database, run)

    @post("/{application_id:uuid}/link", status_code=204, guards=[DECIDING])
    async def send_link_again(
        self,
        request: HttpRequest,
        application_id: FromPath[UUID],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> None:
        """Mail the link to the first password again. 404, 409 `application-not-approved`."""
        async with database.transaction(request.command_context()) as tx:
            await send_link_again(tx, application_id, settings, vault)
