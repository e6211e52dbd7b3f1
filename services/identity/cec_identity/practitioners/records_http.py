"""Records that must be put right, over HTTP: merged, separated, another national ID; and how they came to be so."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Request, needs, run_command
from cec_chassis.problems import NotFound
from cec_identity.practitioners.change_national_id import change_national_id
from cec_identity.practitioners.history import RecordHistory, history_of
from cec_identity.practitioners.looks import looked_at, purpose_of_request
from cec_identity.practitioners.merge_practitioners import merge_practitioners
from cec_identity.practitioners.queries import PractitionerView, practitioner_by_id
from cec_identity.practitioners.separate_practitioner import separate_practitioner
from cec_identity.vault import Vault

Reason = Annotated[str, Meta(min_length=1, max_length=400, pattern=r"\S", description="原因 / Why")]
NationalId = Annotated[str, Meta(min_length=1, max_length=40, description="身分證或統一證號")]


class MergeRequest(Request):
    """The other record of the same person, which becomes the former one."""

    former_id: UUID
    reason: Reason


class SeparateRequest(Request):
    """Why they are two people after all."""

    reason: Reason


class ChangeNationalIdRequest(Request):
    """The number that the person bears now."""

    national_id: NationalId
    reason: Reason

    def __repr__(self) -> str:
        """Without the number."""
        return "ChangeNationalIdRequest()"


class RecordController(Controller):
    path = "/practitioners/{practitioner_id:uuid}"
    tags = ("practitioners",)
    dependencies = {"purpose": Provide(purpose_of_request)}  # noqa: RUF012 - Litestar reads it, nobody writes it

    @get("/history", guards=[needs("identity.records.read")])
    async def read_history(
        self,
        request: HttpRequest,
        practitioner_id: FromPath[UUID],
        database: NamedDependency[Database],
        purpose: NamedDependency[str],
    ) -> RecordHistory:
        """Former names and numbers of a record, and the records it was merged with. The look leaves a trace."""
        async with database.transaction(request.command_context()) as tx:
            history = await history_of(tx, [practitioner_id])
            looked_at(tx, [practitioner_id], "practitioner.history_read", purpose)
        return history

    @post("/merge", status_code=200, guards=[needs("identity.records.keep")])
    async def merge(
        self,
        request: HttpRequest,
        practitioner_id: FromPath[UUID],
        data: JSONBody[MergeRequest],
        database: NamedDependency[Database],
    ) -> Response[PractitionerView]:
        """Two records are one person: this one survives, the other becomes a former one and points to it.

        Credits of both count for the survivor from then on. 404, 409 `already-merged`, 422 `same-practitioner`.
        """

        async def command(tx: Transaction) -> PractitionerView:
            await merge_practitioners(tx, practitioner_id, data.former_id, data.reason)
            return await _view(tx, practitioner_id)

        return await run_command(request, database, command)

    @post("/separate", status_code=200, guards=[needs("identity.records.keep")])
    async def separate(
        self,
        request: HttpRequest,
        practitioner_id: FromPath[UUID],
        data: JSONBody[SeparateRequest],
        database: NamedDependency[Database],
    ) -> Response[PractitionerView]:
        """The merge of this former record was an error: it stands on its own again. 404, 409 `not-merged`."""

        async def command(tx: Transaction) -> PractitionerView:
            await separate_practitioner(tx, practitioner_id, data.reason)
            return await _view(tx, practitioner_id)

        return await run_command(request, database, command)

    @post("/national-id", status_code=200, guards=[needs("identity.records.keep")])
    async def change_national_id(
        self,
        request: HttpRequest,
        practitioner_id: FromPath[UUID],
        data: JSONBody[ChangeNationalIdRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
    ) -> Response[PractitionerView]:
        """The person bears another national ID now 身分證或統一證號變更. 404, 409 `national-id-taken`, 422."""

        async def command(tx: Transaction) -> PractitionerView:
            await change_national_id(tx, practitioner_id, data.national_id, vault, data.reason)
            return await _view(tx, practitioner_id)

        return await run_command(request, database, command)


async def _view(tx: Transaction, practitioner_id: UUID) -> PractitionerView:
    view = await practitioner_by_id(tx, practitioner_id)
    if view is None:
        raise NotFound
    return view
