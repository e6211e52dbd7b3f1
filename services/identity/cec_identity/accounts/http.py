"""Accounts over HTTP: for system administrators."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_contracts.vocabulary import AccountRole, AccountState
from cec_identity.accounts.disable_account import disable_account
from cec_identity.accounts.open_account import OpenAccount, open_account
from cec_identity.accounts.passwords import LONGEST, Passwords
from cec_identity.accounts.queries import AccountLine, AccountView, account_view, accounts_page
from cec_identity.accounts.resume_account import resume_account
from cec_identity.accounts.suspend_account import suspend_account
from cec_identity.fields.faults import Faults
from cec_identity.fields.lines import required_line
from cec_identity.practitioners.looks import accounts_listed

KEEPING = needs("identity.accounts.keep")


class OpenAccountRequest(Request):
    """Who may sign in as what. Units and committee members name their organisation, practitioners themselves."""

    name: Annotated[str, Meta(min_length=5, max_length=64, description="帳號,不分大小寫")]
    password: Annotated[str, Meta(max_length=4 * LONGEST, description="密碼,8 至 128 字")]
    role: AccountRole
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"OpenAccountRequest(role={self.role!r})"


class AccountStateRequest(Request):
    """Why the state of an account is changed."""

    reason: Annotated[str, Meta(min_length=1, max_length=400, description="原因")]

    def why(self) -> str:
        """The reason, which says something. Raises ValidationFailed."""
        faults = Faults()
        reason = faults.text("body.reason", required_line, self.reason)
        faults.settle()
        return reason


class AccountController(Controller):
    path = "/accounts"
    tags = ("accounts",)

    @post("/", guards=[KEEPING])
    async def open_account(
        self,
        request: HttpRequest,
        data: JSONBody[OpenAccountRequest],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
    ) -> Response[AccountView]:
        """Open an account. 409 `account-name-taken`, `practitioner-has-account`."""
        command = await OpenAccount.checked(
            passwords,
            name=data.name,
            password=data.password,
            role=data.role,
            organisation_id=data.organisation_id,
            practitioner_id=data.practitioner_id,
        )

        async def run(tx: Transaction) -> AccountView:
            return account_view(await open_account(tx, command))

        return await run_command(request, database, run, status=201)

    @post("/{account_id:uuid}/disable", status_code=200, guards=[KEEPING])
    async def disable_account(
        self,
        request: HttpRequest,
        account_id: FromPath[UUID],
        data: JSONBody[AccountStateRequest],
        database: NamedDependency[Database],
    ) -> Response[AccountView]:
        """Disable an account and end its sessions. 404, 409 `last-administrator`."""

        async def run(tx: Transaction) -> AccountView:
            return account_view(await disable_account(tx, account_id, data.why()))

        return await run_command(request, database, run)

    @post("/{account_id:uuid}/resume", status_code=200, guards=[KEEPING])
    async def resume_account(
        self,
        request: HttpRequest,
        account_id: FromPath[UUID],
        data: JSONBody[AccountStateRequest],
        database: NamedDependency[Database],
    ) -> Response[AccountView]:
        """Let a disabled or suspended account sign in again. 404, 422 when its organisation is out of use."""

        async def run(tx: Transaction) -> AccountView:
            return account_view(await resume_account(tx, account_id, data.why()))

        return await run_command(request, database, run)

    @post("/{account_id:uuid}/suspend", status_code=200, guards=[KEEPING])
    async def suspend_account(
        self,
        request: HttpRequest,
        account_id: FromPath[UUID],
        data: JSONBody[AccountStateRequest],
        database: NamedDependency[Database],
    ) -> Response[AccountView]:
        """Suspend an account for misuse, and end its sessions. 404, 409 `last-administrator`."""

        async def run(tx: Transaction) -> AccountView:
            return account_view(await suspend_account(tx, account_id, data.why()))

        return await run_command(request, database, run)

    @get("/", guards=[needs("identity.accounts.read")])
    async def list_accounts(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        role: FromQuery[AccountRole | None] = None,
        organisation_id: FromQuery[UUID | None] = None,
        account_state: FromQuery[AccountState | None] = None,
    ) -> Page[AccountLine]:
        """Accounts, the newest first. Whoever is shown can read that they were."""
        async with database.transaction(request.command_context()) as tx:
            page = await accounts_page(tx, paging, role=role, organisation_id=organisation_id, state=account_state)
            accounts_listed(tx, [line.account_id for line in page.items], "account.listed", "administration")
        return page
