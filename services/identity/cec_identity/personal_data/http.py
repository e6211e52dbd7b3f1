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
from cec_identity.accounts.store import account_by_id
from cec_identity.personal_data.export import PersonalData, personal_data
from cec_identity.personal_data.numbers import national_id_in_application, national_id_of
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


class ApplicantNationalIdView(Struct, kw_only=True):
    """The full number that an applicant gave."""

    application_id: UUID
    national_id: str

    def __repr__(self) -> str:
        """Without the number."""
        return f"ApplicantNationalIdView({self.application_id})"


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
            tx.look(
                "personal_data.exported",
                subject_type="practitioner",
                subject_id=practitioner_id,
                purpose=data.purpose,
            )
        return Response(bundle, headers=NOT_KEPT)

    @post(
        "/accounts/{account_id:uuid}/personal-data",
        status_code=200,
        guards=[needs("identity.personal_data.export")],
    )
    async def export_of_account(
        self,
        request: HttpRequest,
        account_id: FromPath[UUID],
        data: JSONBody[PurposeRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
    ) -> Response[PersonalData]:
        """The same for whoever has this account: somebody of a unit, a committee member, an administrator, or a practitioner,
        whose record is in it then. 404."""
        async with database.transaction(request.command_context()) as tx:
            account = await account_by_id(tx, account_id)
            if account is None:
                raise NotFound
            person = account.practitioner_id
            bundle = await personal_data(tx, vault, account_id=account_id, practitioner_id=person)
            # under the record, if there is one: the person may have signed in with another account by then
            subject = ("account", account_id) if person is None else ("practitioner", person)
            tx.look(
                "personal_data.exported",
                subject_type=subject[0],
                subject_id=subject[1],
                purpose=data.purpose,
                what={"account_id": str(account_id)},
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
            found = await national_id_of(tx, vault, practitioner_id)
            if found is None:
                raise NotFound
            tx.look(
                "practitioner.national_id_revealed",
                subject_type="practitioner",
                subject_id=practitioner_id,
                purpose=data.purpose,
            )
        return Response(NationalIdView(practitioner_id=practitioner_id, national_id=found), headers=NOT_KEPT)

    @post(
        "/applications/{application_id:uuid}/national-id/reveal",
        status_code=200,
        guards=[needs("identity.national_ids.reveal")],
    )
    async def reveal_of_application(
        self,
        request: HttpRequest,
        application_id: FromPath[UUID],
        data: JSONBody[PurposeRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
    ) -> Response[ApplicantNationalIdView]:
        """The full national ID in an application for an account. The applicant can read who asked and what for, once they
        have the account. 404."""
        async with database.transaction(request.command_context()) as tx:
            found = await national_id_in_application(tx, vault, application_id)
            if found is None:
                raise NotFound
            tx.look(
                "application.national_id_revealed",
                subject_type="application",
                subject_id=application_id,
                purpose=data.purpose,
            )
        return Response(ApplicantNationalIdView(application_id=application_id, national_id=found), headers=NOT_KEPT)
