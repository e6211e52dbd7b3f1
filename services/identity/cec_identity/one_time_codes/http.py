"""One-time codes over HTTP: everybody's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Request, needs
from cec_chassis.problems import NotFound
from cec_identity.accounts.store import account_in_use
from cec_identity.one_time_codes.enrol import NewSecret, RecoveryCodes, confirm, enrol
from cec_identity.one_time_codes.remove import remove, renew_recovery_codes
from cec_identity.one_time_codes.store import enrolment_of, recovery_codes_left
from cec_identity.sessions.own_account import own_account
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.http import NOT_KEPT


class CodeRequest(Request):
    """The code that the app shows."""

    code: Annotated[
        str,
        Meta(
            min_length=6,
            max_length=6,
            pattern="^[0-9]{6}$",
            description="一次性密碼",
            extra={"form": "須為六位數字 / six digits"},
        ),
    ]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "CodeRequest()"


class RemoveCodesRequest(Request):
    """Why, and how it was made sure who asked."""

    reason: Annotated[str, Meta(min_length=1, max_length=400, description="移除原因及身分確認方式")]


class OneTimeCodesView(msgspec.Struct, kw_only=True):
    """Whether a code is asked for at sign-in."""

    enrolled: bool
    since: datetime | None
    recovery_codes_left: int
    required: bool
    """Whether the role has to have a second factor."""


class OneTimeCodeController(Controller):
    tags = ("one-time codes",)

    @get("/one-time-codes", guards=[needs("identity.authenticators.own")])
    async def read(
        self, request: HttpRequest, database: NamedDependency[Database], door: NamedDependency[Door]
    ) -> OneTimeCodesView:
        """Whether one's own account asks for a code, and how many recovery codes are left."""
        async with database.reading() as tx:
            enrolment = await enrolment_of(tx, request.user.account_id)
            left = await recovery_codes_left(tx, request.user.account_id)
        since = enrolment.confirmed_at if enrolment else None
        return OneTimeCodesView(
            enrolled=since is not None,
            since=since,
            recovery_codes_left=left,
            required=request.user.role in door.settings.roles_with_second_factor,
        )

    @post("/one-time-codes", status_code=201, guards=[needs("identity.authenticators.change")])
    async def enrol(self, request: HttpRequest, door: NamedDependency[Door]) -> Response[NewSecret]:
        """A secret for one's authenticator app; it counts once it is confirmed. 401 `fresh-sign-in-needed`, 409
        `one-time-codes-in-use`."""
        async with door.database.transaction(request.command_context()) as tx:
            account = await own_account(tx, request)
            secret = await enrol(tx, account, door.vault.one_time_codes, door.settings.authenticator_name)
        return Response(secret, status_code=201, headers=NOT_KEPT)

    @post("/one-time-codes/confirm", status_code=200, guards=[needs("identity.authenticators.own")])
    async def confirm(
        self, request: HttpRequest, data: JSONBody[CodeRequest], door: NamedDependency[Door]
    ) -> Response[RecoveryCodes]:
        """The first code of the app: from now on one is asked for at sign-in. Answers with recovery codes, once. 409
        `no-one-time-codes`, `one-time-codes-in-use`; 422 `one-time-code-refused`; 429 `too-many-attempts`."""
        charged = door.lockout.of_second_factor(request.user.account_id)
        async with door.database.transaction() as tx:
            await door.lockout.charge(tx, charged)
        async with door.database.transaction(request.command_context()) as tx:
            codes = await confirm(tx, await own_account(tx, request), data.code, door.vault.one_time_codes)
            await door.lockout.settle(tx, charged)
        return Response(codes, headers=NOT_KEPT)

    @post(
        "/one-time-codes/recovery-codes",
        status_code=200,
        guards=[needs("identity.authenticators.change")],
    )
    async def renew_recovery_codes(self, request: HttpRequest, door: NamedDependency[Door]) -> Response[RecoveryCodes]:
        """New recovery codes; the ones before are worth nothing. 401 `fresh-sign-in-needed`, 409 `no-one-time-codes`."""
        async with door.database.transaction(request.command_context()) as tx:
            codes = await renew_recovery_codes(tx, await own_account(tx, request))
        return Response(codes, headers=NOT_KEPT)

    @delete("/one-time-codes", status_code=204, guards=[needs("identity.authenticators.change")])
    async def remove(self, request: HttpRequest, door: NamedDependency[Door]) -> None:
        """No code is asked for any more. 401 `fresh-sign-in-needed`, 409 `no-one-time-codes`."""
        async with door.database.transaction(request.command_context()) as tx:
            await remove(tx, await own_account(tx, request))

    @post(
        "/accounts/{account_id:uuid}/one-time-codes/remove",
        status_code=204,
        guards=[needs("identity.authenticators.remove")],
    )
    async def remove_of(
        self,
        request: HttpRequest,
        account_id: FromPath[UUID],
        data: JSONBody[RemoveCodesRequest],
        door: NamedDependency[Door],
    ) -> None:
        """For somebody who has lost app and recovery codes, and has shown otherwise who they are: no code is asked for
        any more. 401 `fresh-sign-in-needed`, 404, 409 `no-one-time-codes`."""
        async with door.database.transaction(request.command_context()) as tx:
            account = await account_in_use(tx, account_id)
            if account is None:
                raise NotFound
            await remove(tx, account, data.reason)
