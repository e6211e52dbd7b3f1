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
from cec_chassis.problems import FieldError, ValidationFailed
from cec_contracts.vocabulary import AccountRole, AccountState
from cec_identity.accounts.disable_account import disable_account
from cec_identity.accounts.mail_first_password import mail_first_password
from cec_identity.accounts.open_account import OpenAccount, open_account
from cec_identity.accounts.passwords import LONGEST, Passwords, nobodys_password
from cec_identity.accounts.profile import LONGEST_ADDRESS, checked_email, checked_person_name
from cec_identity.accounts.queries import AccountLine, AccountView, account_view, accounts_page
from cec_identity.accounts.resume_account import resume_account
from cec_identity.accounts.suspend_account import suspend_account
from cec_identity.fields.faults import Faults
from cec_identity.fields.lines import required_line
from cec_identity.practitioners.looks import accounts_listed
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

KEEPING = needs("identity.accounts.keep")


class OpenAccountRequest(Request):
    """Who may sign in as what. Units and committee members name their organisation, practitioners themselves. Without a
    password the owner gets a link by mail to set one, and nobody else ever knows it."""

    name: Annotated[str, Meta(min_length=5, max_length=64, description="帳號,不分大小寫")]
    role: AccountRole
    password: Annotated[str, Meta(max_length=4 * LONGEST, description="密碼,8 至 128 字;免填則寄送設定連結")] | None = (
        None
    )
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    email: Annotated[str, Meta(max_length=LONGEST_ADDRESS, description="E-Mail,未填密碼時必填")] | None = None
    person_name: Annotated[str, Meta(max_length=60, description="姓名,醫事人員依登錄資料")] = ""

    def address_of_owner(self) -> str | None:
        """Where the link goes; None when the password is given.

        Raises:
            ValidationFailed: neither or both, or it is no address.
        """
        if self.email is None and self.password is None:
            message = (
                "未填密碼時必填,以寄送設定密碼之連結 / Required without a password: the link to set one goes there"
            )
            raise ValidationFailed(errors=[FieldError("body.email", "missing-value", message)])
        if self.email is not None and self.password is not None:
            message = (
                "密碼由帳號所有人以郵件連結設定,請勿填寫 / Leave it out: the owner sets it by the link that is mailed"
            )
            raise ValidationFailed(errors=[FieldError("body.password", "owner-sets-password", message)])
        return None if self.email is None else checked_email(self.email)

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
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[AccountView]:
        """Open an account; without a password, its owner sets one by a link that is mailed. 409 `account-name-taken`,
        `practitioner-has-account`."""
        email, person_name = data.address_of_owner(), data.person_name.strip()
        if person_name:
            person_name = checked_person_name(person_name)
        command = await OpenAccount.checked(
            passwords,
            name=data.name,
            password=data.password or nobodys_password(),
            role=data.role,
            organisation_id=data.organisation_id,
            practitioner_id=data.practitioner_id,
        )

        async def run(tx: Transaction) -> AccountView:
            account = await open_account(tx, command)
            if email is not None:
                await mail_first_password(tx, account, email, person_name, settings, vault)
            return account_view(account)

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
