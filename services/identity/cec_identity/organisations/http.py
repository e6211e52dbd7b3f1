"""Organisations over HTTP: system administrators write, everybody who has signed in reads."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_chassis.problems import NotFound
from cec_contracts.vocabulary import ProfessionCode
from cec_identity.fields.faults import Faults
from cec_identity.organisations.change_organisation import change_organisation
from cec_identity.organisations.contact import Contact, ContactDetails
from cec_identity.organisations.domain import OrganisationDetails
from cec_identity.organisations.queries import (
    OrganisationView,
    organisation_by_id,
    organisation_view,
    organisations_page,
)
from cec_identity.organisations.register_organisation import register_organisation


class OrganisationRequest(Request):
    """What an organisation is called and may do."""

    code: Annotated[str, Meta(min_length=1, max_length=20, description="單位代碼")]
    name: Annotated[str, Meta(min_length=1, max_length=200, description="單位名稱")]
    kind: Annotated[str, Meta(min_length=1, max_length=40, description="單位類別")]
    county: Annotated[str, Meta(max_length=20, description="縣市")] = ""
    offers_courses: bool = False
    reviews_courses: bool = False
    reviews_professions: Annotated[tuple[ProfessionCode, ...], Meta(max_length=35)] = ()
    contact: ContactDetails | None = None

    def known_contact(self) -> Contact | None:
        """Raises ValidationFailed."""
        if self.contact is None:
            return None
        faults = Faults()
        contact = self.contact.known(faults, "body.contact")
        faults.settle()
        return contact

    def details(self) -> OrganisationDetails:
        """Raises ValidationFailed."""
        return OrganisationDetails.checked(
            code=self.code,
            name=self.name,
            kind=self.kind,
            county=self.county,
            offers_courses=self.offers_courses,
            reviews_courses=self.reviews_courses,
            reviews_professions=self.reviews_professions,
        )


class ChangeOrganisationRequest(OrganisationRequest):
    """The organisation as it shall be, whole; its contact may be left out and stays as it is then."""

    active: bool = True
    reason: Annotated[str, Meta(max_length=400)] = ""


class OrganisationController(Controller):
    path = "/organisations"
    tags = ("organisations",)

    @post("/", guards=[needs("identity.organisations.keep")])
    async def register_organisation(
        self, request: HttpRequest, data: JSONBody[OrganisationRequest], database: NamedDependency[Database]
    ) -> Response[OrganisationView]:
        """Register an organisation. One that reviews is recognised from today on. 409 `organisation-code-taken`."""
        details, contact = data.details(), data.known_contact()

        async def command(tx: Transaction) -> OrganisationView:
            return organisation_view(await register_organisation(tx, details, contact))

        return await run_command(request, database, command, status=201)

    @put("/{organisation_id:uuid}", guards=[needs("identity.organisations.keep")])
    async def change_organisation(
        self,
        request: HttpRequest,
        organisation_id: FromPath[UUID],
        data: JSONBody[ChangeOrganisationRequest],
        database: NamedDependency[Database],
    ) -> Response[OrganisationView]:
        """Change an organisation, or put it out of use. 404, 409 `organisation-code-taken`, `recognition-decides`."""
        details, contact = data.details(), data.known_contact()

        async def command(tx: Transaction) -> OrganisationView:
            return organisation_view(
                await change_organisation(
                    tx, organisation_id, details, active=data.active, reason=data.reason, contact=contact
                )
            )

        return await run_command(request, database, command)

    @get("/", guards=[needs("identity.organisations.read")])
    async def list_organisations(
        self,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        code: Annotated[str | None, QueryParameter(max_length=20, description="單位代碼 / exact code")] = None,
        name: Annotated[
            str | None, QueryParameter(max_length=200, description="名稱含此文字 / part of the name")
        ] = None,
        department: Annotated[
            str | None, QueryParameter(max_length=100, description="所屬部門含此文字 / part of the department")
        ] = None,
    ) -> Page[OrganisationView]:
        """Organisations, ordered by code."""
        async with database.reading() as tx:
            return await organisations_page(tx, paging, code=code, name=name, department=department)

    @get("/{organisation_id:uuid}", guards=[needs("identity.organisations.read")])
    async def read_organisation(
        self, organisation_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> OrganisationView:
        """One organisation. 404."""
        async with database.reading() as tx:
            view = await organisation_by_id(tx, organisation_id)
        if view is None:
            raise NotFound
        return view
