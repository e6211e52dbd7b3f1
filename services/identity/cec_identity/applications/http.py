"""Applications over HTTP: the applicant's side. Strangers, so everything costs a proof of work or has a limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs
from cec_chassis.problems import FieldError, ValidationFailed
from cec_identity.accounts.profile import LONGEST_ADDRESS, checked_email
from cec_identity.applications.apply import apply
from cec_identity.applications.ask_reference import ask_reference
from cec_identity.applications.domain import ReferenceInvalid
from cec_identity.applications.form import ApplicationForm, CheckedForm
from cec_identity.applications.queries import ApplicationStatusView, status_view
from cec_identity.applications.store import use_reference
from cec_identity.mail.links import LONGEST_TOKEN, digest_of
from cec_identity.organisations.queries import OrganisationCard, organisations_for_applicants
from cec_identity.proof_of_work.limits import Limit, Limiter
from cec_identity.proof_of_work.proof import LONGEST_PROOF, ProofOfWork, Purpose
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.http import NOT_KEPT, refused
from cec_identity.sign_in.visit import visit_of
from cec_identity.vault import Vault

BY_PLACE = Limit("application-place", 30, timedelta(hours=1))
SEARCHES = Limit("application-search", 60, timedelta(minutes=10))
STATUS_READ = Limit("application-status", 60, timedelta(hours=1))
SHORTEST_SEARCH = 2

_STRANGERS = {403: refused("須附工作量證明 / A proof of work is due"), 429: refused("嘗試次數過多 / Too many attempts")}
_GONE = {410: refused("已逾時、已使用或無效 / Expired, used or not valid")}


class AppliedView(msgspec.Struct, kw_only=True):
    """It has arrived."""

    application_id: UUID
    message: str = (
        "申請已送出，查詢進度之連結及審核結果將寄至所填信箱，請等待帳號審核通過信件；未收到連結者可重新索取 / "
        "The application was sent. A link to its status, and the decision, are mailed to the address given; "
        "ask for another link if none comes"
    )


class StatusRequest(Request):
    """From the mail."""

    reference: Annotated[str, Meta(min_length=1, max_length=LONGEST_TOKEN, description="查詢連結之權杖")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "StatusRequest()"


class ReferenceRequest(Request):
    """Which application, and a proof of work."""

    name: Annotated[str, Meta(min_length=1, max_length=64, description="帳號")]
    email: Annotated[str, Meta(min_length=1, max_length=LONGEST_ADDRESS, description="E-mail")]
    proof_of_work: Annotated[str, Meta(max_length=LONGEST_PROOF, description="工作量證明")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "ReferenceRequest()"


class AskedView(msgspec.Struct, kw_only=True):
    """The same for everybody."""

    message: str = (
        "若有此申請，查詢連結已寄至所填信箱 / If there is such an application, a link to its status was mailed"
    )


class ApplicantController(Controller):
    path = "/apply"
    tags = ("applications",)

    @post("/", status_code=201, responses=_STRANGERS, guards=[needs("identity.applications.apply")])
    async def apply(
        self,
        request: HttpRequest,
        data: JSONBody[ApplicationForm],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
        proof_of_work: NamedDependency[ProofOfWork],
        limiter: NamedDependency[Limiter],
    ) -> AppliedView:
        """Apply for an account. 409 `account-name-taken`, `account-name-applied`, `consent-outdated`."""
        form = CheckedForm.checked(data)
        await proof_of_work.require(database, data.proof_of_work, Purpose.APPLICATION)
        await limiter.require(database, (BY_PLACE, visit_of(request).neighbourhood))
        async with database.transaction(request.command_context()) as tx:
            application = await apply(tx, form, settings, vault, limiter)
        return AppliedView(application_id=application.application_id)

    @get("/organisations", responses=_STRANGERS, guards=[needs("identity.applications.apply")])
    async def find_organisations(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        limiter: NamedDependency[Limiter],
        code: Annotated[str | None, QueryParameter(max_length=20, description="單位代碼 / exact code")] = None,
        name: Annotated[str | None, QueryParameter(max_length=200, description="名稱含此文字 / part of it")] = None,
        department: Annotated[
            str | None, QueryParameter(max_length=100, description="部門含此文字 / part of it")
        ] = None,
    ) -> Page[OrganisationCard]:
        """Find one's organisation by code, name or department. Something has to be looked for; 429 beyond the limit."""
        if not code and max(len(name or ""), len(department or "")) < SHORTEST_SEARCH:
            message = "請輸入單位代碼,或名稱、部門至少二字 / Give the code, or two characters of name or department"
            raise ValidationFailed(errors=[FieldError("query.name", "search-too-short", message)])
        await limiter.require(database, (SEARCHES, visit_of(request).neighbourhood))
        async with database.reading() as tx:
            return await organisations_for_applicants(
                tx, paging, code=code or None, name=name or None, department=department or None
            )

    @post("/status", status_code=200, responses=_STRANGERS | _GONE, guards=[needs("identity.applications.apply")])
    async def read_status(
        self,
        request: HttpRequest,
        data: JSONBody[StatusRequest],
        database: NamedDependency[Database],
        limiter: NamedDependency[Limiter],
    ) -> Response[ApplicationStatusView]:
        """The status of one's application, once for each mailed reference. 410 `reference-invalid`."""
        await limiter.require(database, (STATUS_READ, visit_of(request).neighbourhood))
        async with database.transaction(request.command_context()) as tx:
            application = await use_reference(tx, digest_of(data.reference))
        if application is None:
            raise ReferenceInvalid
        return Response(status_view(application), headers=NOT_KEPT)

    @post("/reference", status_code=202, responses=_STRANGERS, guards=[needs("identity.applications.apply")])
    async def ask_reference(
        self,
        request: HttpRequest,
        data: JSONBody[ReferenceRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
        proof_of_work: NamedDependency[ProofOfWork],
        limiter: NamedDependency[Limiter],
    ) -> AskedView:
        """Have another reference mailed. The answer is the same whether or not there is such an application."""
        email = checked_email(data.email)
        await proof_of_work.require(database, data.proof_of_work, Purpose.APPLICATION)
        await limiter.require(database, (BY_PLACE, visit_of(request).neighbourhood))
        async with database.transaction(request.command_context()) as tx:
            await ask_reference(tx, data.name, email, settings, vault, limiter)
        return AskedView()
