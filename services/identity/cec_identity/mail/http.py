"""Mails over HTTP: what became of them, for administrators; reports of non-delivery, for mail servers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, expect_media_type, needs, run_command
from cec_chassis.problems import NotFound
from cec_identity.mail.domain import MailState
from cec_identity.mail.queries import MailView, mail_by_id, mails_page
from cec_identity.mail.retry_mail import retry_mail
from cec_identity.mail.take_report import LARGEST_REPORT, read_report, take_report
from cec_identity.vault import Vault

REPORT_TYPE = "message/rfc822"


class RetryRequest(Request):
    """Why."""

    reason: Annotated[str, Meta(min_length=1, max_length=400, description="重寄原因")]


@dataclass
class ReportOperation(Operation):
    """The OpenAPI text of a body that is a mail."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            content={REPORT_TYPE: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))},
            description="退信通知原文 / The report as it arrived (RFC 3464)",
            required=True,
        )


class MailController(Controller):
    path = "/mails"
    tags = ("mail",)

    @get("/", guards=[needs("identity.mails.read")])
    async def list_mails(
        self,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        in_state: Annotated[MailState | None, QueryParameter(name="state")] = None,
        account_id: FromQuery[UUID | None] = None,
    ) -> Page[MailView]:
        """Mails and what became of them, the newest first; addresses are masked, links are not told."""
        async with database.reading() as tx:
            return await mails_page(tx, paging, state=in_state, account_id=account_id)

    @post("/{mail_id:uuid}/retry", status_code=200, guards=[needs("identity.mails.keep")])
    async def send_again(
        self,
        request: HttpRequest,
        mail_id: FromPath[UUID],
        data: JSONBody[RetryRequest],
        database: NamedDependency[Database],
    ) -> Response[MailView]:
        """Send a mail again that failed or bounced. 404, 409 `mail-not-retryable`."""

        async def command(tx: Transaction) -> MailView:
            await retry_mail(tx, mail_id, data.reason)
            view = await mail_by_id(tx, mail_id)
            if view is None:
                raise NotFound
            return view

        return await run_command(request, database, command)

    @post(
        "/reports",
        status_code=204,
        operation_class=ReportOperation,
        request_max_body_size=LARGEST_REPORT,
        guards=[needs("identity.mails.report")],
    )
    async def take_delivery_report(
        self, request: HttpRequest, database: NamedDependency[Database], vault: NamedDependency[Vault]
    ) -> None:
        """A report of non-delivery, as the mail server got it back. It must quote the signed id of the mail.

        422 `delivery-report-not-understood`.
        """
        expect_media_type(request, REPORT_TYPE)
        content = await request.body()
        report = await asyncio.to_thread(read_report, vault.proof_key, content)
        async with database.transaction(request.command_context()) as tx:
            await take_report(tx, report)
