"""One's own data over HTTP, and wishes for rights on the administrators' side."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, Meta, UnsetType

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.disable_account import disable_account
from cec_identity.accounts.domain import StateBy
from cec_identity.accounts.http import AccountStateRequest
from cec_identity.accounts.profile import LONGEST_ADDRESS, Language, checked_email
from cec_identity.accounts.profile_store import profile_by_account
from cec_identity.accounts.queries import AccountView, account_view
from cec_identity.fields.telephones import Telephone
from cec_identity.mail.links import LONGEST_TOKEN
from cec_identity.practitioners.looks import accounts_listed
from cec_identity.profile.change_email import ask_for_email, confirm_email
from cec_identity.profile.edit_profile import EditProfile, edit_profile
from cec_identity.profile.queries import ProfileView, UsageLine, profile_view, usage_page
from cec_identity.profile.rights import (
    RightsRequest,
    RightsStatus,
    ask_for_rights,
    decide_rights,
    rights_requests_page,
)
from cec_identity.proof_of_work.limits import Limit, Limiter
from cec_identity.sessions.own_account import own_account
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.http import refused
from cec_identity.vault import Vault

OWN = needs("identity.profile.keep")
SECURING = needs("identity.profile.secure")
DECIDING = needs("identity.rights_requests.decide")
_GONE = {410: refused("已逾時、已使用或無效 / Expired, used or not valid")}
EMAIL_CHANGES = Limit("email-change", 5, timedelta(hours=24))
RIGHTS_ASKED = Limit("rights-asked", 10, timedelta(hours=24))
Reason = Annotated[str, Meta(min_length=1, max_length=400, pattern=r"\S", description="理由")]


class EditProfileRequest(Request):
    """One's own data. What is left out stays as it is; an empty text, or a telephone that is null, empties its field. Name
    and national ID of the account are none of it, nor are role, unit and state."""

    person_name: Annotated[str, Meta(max_length=60, description="姓名")]
    version: Annotated[int, Meta(ge=0, description="所讀取之版本 / of what was read")]
    backup_email: Annotated[str, Meta(max_length=LONGEST_ADDRESS, description="E-mail(備用)")] | UnsetType = UNSET
    phone: Telephone | UnsetType | None = UNSET
    job_title: Annotated[str, Meta(max_length=60, description="職稱")] | UnsetType = UNSET
    notify_announcements: Annotated[bool, Meta(description="有新的公告訊息時,以 Mail 通知")] | UnsetType = UNSET
    language: Language | UnsetType = UNSET


class EmailRequest(Request):
    """The new address."""

    email: Annotated[str, Meta(min_length=1, max_length=LONGEST_ADDRESS, description="E-Mail")]

    def __repr__(self) -> str:
        """Without the address."""
        return "EmailRequest()"


class EmailTokenRequest(Request):
    """From the link."""

    token: Annotated[str, Meta(min_length=1, max_length=LONGEST_TOKEN)]

    def __repr__(self) -> str:
        """Without the token."""
        return "EmailTokenRequest()"


class RightsWish(Request):
    """In which role for which organisation, and why."""

    role: AccountRole
    organisation_id: UUID
    justification: Reason


class RightsDecision(Request):
    """Yes or no, and why."""

    grant: bool
    reason: Reason


class ProfileController(Controller):
    path = "/profile"
    tags = ("profile",)

    @get("/", guards=[OWN])
    async def read_profile(self, request: HttpRequest, database: NamedDependency[Database]) -> ProfileView:
        """One's own data."""
        async with database.reading() as tx:
            return await profile_view(tx, await own_account(tx, request, held=False))

    @put("/", guards=[OWN])
    async def edit_profile(
        self, request: HttpRequest, data: JSONBody[EditProfileRequest], database: NamedDependency[Database]
    ) -> Response[ProfileView]:
        """Change one's own data; what is left out stays. 409 `profile-changed-meanwhile`."""

        async def command(tx: Transaction) -> ProfileView:
            account = await own_account(tx, request)
            wanted = EditProfile.checked(
                account.role,
                await profile_by_account(tx, account.account_id),
                person_name=data.person_name,
                backup_email=data.backup_email,
                phone=data.phone,
                job_title=data.job_title,
                notify_announcements=data.notify_announcements,
                language=data.language,
                version=data.version,
            )
            await edit_profile(tx, account, wanted)
            return await profile_view(tx, account)

        return await run_command(request, database, command)

    @post("/email", status_code=204, guards=[SECURING])
    async def ask_for_email(
        self,
        request: HttpRequest,
        data: JSONBody[EmailRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
        limiter: NamedDependency[Limiter],
    ) -> None:
        """Send a link to a new address, which is one's own once the link was followed. 401 `fresh-sign-in-needed`,
        409 `profile-missing`, 429."""
        email = checked_email(data.email)
        await limiter.require(database, (EMAIL_CHANGES, str(request.user.account_id)))
        async with database.transaction(request.command_context()) as tx:
            await ask_for_email(tx, await own_account(tx, request), email, settings, vault)

    @post(
        "/email/confirm",
        status_code=204,
        responses={410: refused("已逾時、已使用或無效 / Expired, used or not valid")},
        guards=[needs("identity.profile.confirm_email")],
    )
    async def confirm_email(
        self, request: HttpRequest, data: JSONBody[EmailTokenRequest], database: NamedDependency[Database]
    ) -> None:
        """Follow the link. The former address is told. 410 `email-link-invalid`."""
        async with database.transaction(request.command_context()) as tx:
            await confirm_email(tx, data.token)

    @post("/disable", status_code=200, guards=[SECURING])
    async def disable_own(
        self, request: HttpRequest, data: JSONBody[AccountStateRequest], database: NamedDependency[Database]
    ) -> Response[AccountView]:
        """Disable one's own account, on leaving the unit for example. Colleagues and administrators can resume it.
        409 `last-administrator`."""

        async def command(tx: Transaction) -> AccountView:
            return account_view(await disable_account(tx, request.user.account_id, data.why(), StateBy.OWNER))

        return await run_command(request, database, command)

    @get("/usage", guards=[OWN])
    async def read_usage(
        self, request: HttpRequest, database: NamedDependency[Database], paging: NamedDependency[Paging]
    ) -> Page[UsageLine]:
        """What happened to one's own account: sign-ins and changes, the newest first."""
        async with database.reading() as tx:
            return await usage_page(tx, paging, request.user.account_id)

    @post("/rights", guards=[OWN])
    async def ask_for_rights(
        self,
        request: HttpRequest,
        data: JSONBody[RightsWish],
        database: NamedDependency[Database],
        limiter: NamedDependency[Limiter],
    ) -> Response[RightsRequest]:
        """Ask for another role or for another organisation; an administrator decides. 409 `rights-request-open`."""
        await limiter.require(database, (RIGHTS_ASKED, str(request.user.account_id)))

        async def command(tx: Transaction) -> RightsRequest:
            account = await own_account(tx, request)
            return await ask_for_rights(tx, account, data.role, data.organisation_id, data.justification.strip())

        return await run_command(request, database, command, status=201)

    @get("/rights", guards=[OWN])
    async def list_own_wishes(
        self, request: HttpRequest, database: NamedDependency[Database], paging: NamedDependency[Paging]
    ) -> Page[RightsRequest]:
        """What one has asked for, the oldest first."""
        async with database.reading() as tx:
            return await rights_requests_page(tx, paging, status=None, account_id=request.user.account_id)


class RightsRequestController(Controller):
    path = "/rights-requests"
    tags = ("profile",)

    @get("/", guards=[needs("identity.rights_requests.read")])
    async def list_wishes(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        status: FromQuery[RightsStatus | None] = None,
    ) -> Page[RightsRequest]:
        """What people ask for, the oldest first. Whoever is shown can read that they were."""
        async with database.transaction(request.command_context()) as tx:
            page = await rights_requests_page(tx, paging, status=status)
            accounts_listed(tx, [wish.account_id for wish in page.items], "rights_request.listed", "decision")
        return page

    @post("/{request_id:uuid}/decision", status_code=200, guards=[DECIDING])
    async def decide(
        self,
        request: HttpRequest,
        request_id: FromPath[UUID],
        data: JSONBody[RightsDecision],
        database: NamedDependency[Database],
    ) -> Response[RightsRequest]:
        """Grant or refuse. 404, 409 `rights-request-decided`."""

        async def command(tx: Transaction) -> RightsRequest:
            return await decide_rights(tx, request_id, grant=data.grant, reason=data.reason.strip())

        return await run_command(request, database, command)
