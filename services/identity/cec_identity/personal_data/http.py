"""Personal data over HTTP: one's own bundle, and what an administrator hands out or looks up for a stated purpose."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Request, needs
from cec_chassis.problems import NotFound
from cec_identity.personal_data.export import PersonalData, national_ids_of, personal_data
from cec_identity.vault import Vault

NOT_KEPT = {"Cache-Control": "no-store"}


class PurposeRequest(Request):
    """What the look is for. It is written down, and the person may read it."""

    purpose: Annotated[str, Meta(min_length=2, max_length=100, pattern=r"\S", description="查詢目的 / What for")]


class NationalIdView(Struct, kw_only=True):
    """The full number 身分證或統一證號."""

    practitioner_id: UUID
    national_id: str

    def __repr__(self) -> str:
        """Without the number."""
        return f"NationalIdView({self.practitioner_id})"


class PersonalDataController(Controller):
    tags = ("personal-data",)

    @get("/personal-data/mine", guards=[needs("identity.personal_data.own")])
    async def read_own(
        self, request: HttpRequest, database: NamedDependency[Database], vault: NamedDependency[Vault]
    ) -> Response[PersonalData]:
        """Everything that is held about the caller, and where the other services tell their part. 401
        `fresh-sign-in-needed`: a session that was left open is not enough for this."""
        actor = request.user
        async with database.transaction(request.command_context()) as tx:
            bundle = await personal_data(tx, vault, account_id=actor.account_id, practitioner_id=actor.practitioner_id)
            tx.audit("personal_data.exported", subject_type="account", subject_id=actor.account_id)
        return Response(bundle, headers=NOT_KEPT)

    @post(
        "/practitioners/{practitioner_id:uuid}/personal-data",
        status_code=200,
        guards=[needs("identity.personal_data.export")],
    )
    async def export(
        self,
        request: HttpRequest,
        practitioner_id: FromPath[UUID],
        data: JSONBody[PurposeRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
    ) -> Response[PersonalData]:
        """The bundle of somebody who asked for it in writing. The person can read who took it and what for. 404."""
        async with database.transaction(request.command_context()) as tx:
            bundle = await personal_data(tx, vault, account_id=None, practitioner_id=practitioner_id)
            if bundle.record is None:
                raise NotFound
            tx.look(
                "personal_data.exported",
                subject_type="practitioner",
                subject_id=practitioner_id,
                purpose=data.purpose,
            )
        return Response(bundle, headers=NOT_KEPT)

    @post(
        "/practitioners/{practitioner_id:uuid}/national-id/reveal",
        status_code=200,
        guards=[needs("identity.national_ids.reveal")],
    )
    async def reveal(
        self,
        request: HttpRequest,
        practitioner_id: FromPath[UUID],
        data: JSONBody[PurposeRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
    ) -> Response[NationalIdView]:
        """The full national ID, which lists and records show masked. The person can read who asked and what for. 404."""
        async with database.transaction(request.command_context()) as tx:
            found = await national_ids_of(tx, vault, [practitioner_id])
            if not found:
                raise NotFound
            tx.look(
                "practitioner.national_id_revealed",
                subject_type="practitioner",
                subject_id=practitioner_id,
                purpose=data.purpose,
            )
        return Response(NationalIdView(practitioner_id=practitioner_id, national_id=found[0]), headers=NOT_KEPT)
