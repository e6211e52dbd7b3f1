"""One's own unit over HTTP: its data and its users."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_chassis.problems import NotFound
from cec_identity.accounts.http import AccountStateRequest
from cec_identity.accounts.queries import AccountView, account_view
from cec_identity.organisations.contact import ContactDetails
from cec_identity.organisations.keep_unit_data import UnitData, keep_unit_data
from cec_identity.organisations.own_unit import member_of_unit
from cec_identity.organisations.queries import OrganisationView, organisation_by_id, organisation_view
from cec_identity.organisations.unit_users import UnitUser, disable_colleague, resume_colleague, unit_users_page
from cec_identity.practitioners.looks import accounts_listed

KEEPING = needs("identity.unit.keep")


class UnitDataRequest(Request):
    """The county and the contact, whole."""

    county: Annotated[str, Meta(max_length=20, description="縣市")]
    contact: ContactDetails


class UnitController(Controller):
    path = "/unit"
    tags = ("unit",)

    @get("/", guards=[KEEPING])
    async def read_unit(self, request: HttpRequest, database: NamedDependency[Database]) -> OrganisationView:
        """One's own unit. 403, 404."""
        async with database.transaction(request.command_context()) as tx:
            member = await member_of_unit(tx)
            view = await organisation_by_id(tx, member.organisation_id)
        if view is None:
            raise NotFound
        return view

    @put("/", guards=[KEEPING])
    async def keep_unit_data(
        self, request: HttpRequest, data: JSONBody[UnitDataRequest], database: NamedDependency[Database]
    ) -> Response[OrganisationView]:
        """Change address, telephone and head of one's own unit. Code, name, kind and rights: ask an administrator."""
        checked = UnitData.checked(data.county, data.contact)

        async def command(tx: Transaction) -> OrganisationView:
            return organisation_view(await keep_unit_data(tx, checked))

        return await run_command(request, database, command)

    @get("/users", guards=[KEEPING])
    async def list_users(
        self, request: HttpRequest, database: NamedDependency[Database], paging: NamedDependency[Paging]
    ) -> Page[UnitUser]:
        """The people who act for one's own unit in one's own role (review units: their committee too), by name. Whoever
        is shown can read that they were."""
        async with database.transaction(request.command_context()) as tx:
            page = await unit_users_page(tx, paging)
            accounts_listed(tx, [user.account_id for user in page.items], "unit_user.listed", "unit administration")
        return page

    @post("/users/{account_id:uuid}/disable", status_code=200, guards=[needs("identity.unit.users")])
    async def disable_user(
        self,
        request: HttpRequest,
        account_id: FromPath[UUID],
        data: JSONBody[AccountStateRequest],
        database: NamedDependency[Database],
    ) -> Response[AccountView]:
        """Disable a colleague who has left. 403 for one's own account, 404 for anybody's of another unit."""

        async def command(tx: Transaction) -> AccountView:
            return account_view(await disable_colleague(tx, account_id, data.why()))

        return await run_command(request, database, command)

    @post("/users/{account_id:uuid}/resume", status_code=200, guards=[needs("identity.unit.users")])
    async def resume_user(
        self,
        request: HttpRequest,
        account_id: FromPath[UUID],
        data: JSONBody[AccountStateRequest],
        database: NamedDependency[Database],
    ) -> Response[AccountView]:
        """Resume a colleague's account. 403, 404, 409 `only-administrators-resume`, `consent-withdrawn`."""

        async def command(tx: Transaction) -> AccountView:
            return account_view(await resume_colleague(tx, account_id, data.why()))

        return await run_command(request, database, command)
