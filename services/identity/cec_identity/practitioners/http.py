"""Practitioners over HTTP: one's own record, the administrator's, and what a unit may look up."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Page, Paging, Request, Role, needs
from cec_chassis.problems import FieldError, Forbidden, NotFound, ValidationFailed
from cec_contracts import national_id
from cec_identity.practitioners.looks import looked_at, purpose_of_request
from cec_identity.practitioners.queries import (
    PractitionerCard,
    PractitionerView,
    practitioner_by_id,
    practitioner_by_index,
    practitioners_page,
)
from cec_identity.vault import Vault


class ByNationalIdRequest(Request):
    """In the body, because addresses end up in the logs of every machine on the way."""

    national_id: Annotated[str, Meta(min_length=1, max_length=40, description="身分證或統一證號")]

    def __repr__(self) -> str:
        """Without the number."""
        return "ByNationalIdRequest()"


class PractitionerController(Controller):
    path = "/practitioners"
    tags = ("practitioners",)
    dependencies = {"purpose": Provide(purpose_of_request)}  # noqa: RUF012 - Litestar reads it, nobody writes it

    @get("/me", guards=[needs("identity.practitioners.own")])
    async def read_own(self, request: HttpRequest, database: NamedDependency[Database]) -> PractitionerView:
        """One's own record."""
        if request.user.practitioner_id is None:
            raise NotFound
        return await _one(database, request.user.practitioner_id)

    @get("/{practitioner_id:uuid}", guards=[needs("identity.practitioners.read")])
    async def read_practitioner(
        self,
        request: HttpRequest,
        practitioner_id: FromPath[UUID],
        database: NamedDependency[Database],
        purpose: NamedDependency[str],
    ) -> PractitionerView:
        """One practitioner; practitioners read their own record only. A look at somebody else leaves a trace. 403, 404."""
        own = request.user.practitioner_id == practitioner_id
        if request.user.role != Role.SYSTEM_ADMINISTRATOR and not own:
            raise Forbidden("只能查詢本人資料 / You may read your own record only")
        async with database.transaction(request.command_context()) as tx:
            view = await practitioner_by_id(tx, practitioner_id)
            if view is None:
                raise NotFound
            looked_at(tx, [practitioner_id], "practitioner.read", purpose)
        return view

    @get("/", guards=[needs("identity.practitioners.find")])
    async def list_practitioners(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        purpose: NamedDependency[str],
        paging: NamedDependency[Paging],
        number: Annotated[str | None, QueryParameter(min_length=1, max_length=20, description="人員代碼")] = None,
    ) -> Page[PractitionerCard]:
        """Whoever has this number. Administrators may leave it out and page through everybody; units may not. Everybody
        who is shown can read that they were."""
        if number is None and request.user.role != Role.SYSTEM_ADMINISTRATOR:
            message = "請提供人員代碼 / Give the number of the person"
            raise ValidationFailed(errors=[FieldError("query.number", "missing-field", message)])
        async with database.transaction(request.command_context()) as tx:
            page = await practitioners_page(tx, paging, number=number)
            action = "practitioner.listed" if number is None else "practitioner.looked_up"
            looked_at(tx, [card.practitioner_id for card in page.items], action, purpose)
        return page

    @post("/by-national-id", status_code=200, guards=[needs("identity.practitioners.trace")])
    async def find_by_national_id(
        self,
        request: HttpRequest,
        data: JSONBody[ByNationalIdRequest],
        database: NamedDependency[Database],
        purpose: NamedDependency[str],
        vault: NamedDependency[Vault],
    ) -> PractitionerView:
        """The practitioner of this national ID or resident certificate; leaves a trace. 404, 422 `national-id-checksum`."""
        try:
            index = national_id.index(vault.index_key, data.national_id)
        except national_id.InvalidNationalId as invalid:
            raise ValidationFailed(errors=[FieldError("body.national_id", invalid.slug, str(invalid))]) from None
        async with database.transaction(request.command_context()) as tx:
            view = await practitioner_by_index(tx, index)
            if view is None:
                raise NotFound
            looked_at(tx, [view.practitioner_id], "practitioner.found_by_national_id", purpose)
        return view


async def _one(database: Database, practitioner_id: UUID) -> PractitionerView:
    async with database.reading() as tx:
        view = await practitioner_by_id(tx, practitioner_id)
    if view is None:
        raise NotFound
    return view
