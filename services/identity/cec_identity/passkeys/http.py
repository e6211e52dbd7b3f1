"""Passkeys over HTTP: signing in with one, and everybody's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Request, needs, run_command
from cec_identity.passkeys.domain import LONGEST_LABEL, NewCredential, UsedCredential
from cec_identity.passkeys.manage_passkeys import remove_passkey, rename_passkey
from cec_identity.passkeys.register_passkey import register_passkey, registration_options
from cec_identity.passkeys.sign_in_with_passkey import sign_in_options, sign_in_with_passkey
from cec_identity.passkeys.store import Passkey, passkeys_of
from cec_identity.sessions.own_account import own_account
from cec_identity.sign_in.door import Door
from cec_identity.sign_in.http import MAY_FIND_OUT_OF_USE, NOT_KEPT, DeviceToken
from cec_identity.sign_in.tokens import Tokens
from cec_identity.sign_in.visit import visit_of

Label = Annotated[str, Meta(min_length=1, max_length=4 * LONGEST_LABEL, description="名稱,供本人辨識")]


class PasskeyOptions(msgspec.Struct, kw_only=True):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON()` and `…RequestOptionsFromJSON()` of WebAuthn, level 3."""

    public_key: dict[str, Any]


class RegisterPasskeyRequest(Request):
    """What the browser made, and a name for it."""

    label: Label
    credential: NewCredential


class RenamePasskeyRequest(Request):
    """Its new name."""

    label: Label


class PasskeySignInRequest(Request):
    """What the browser signed."""

    credential: UsedCredential
    device_token: DeviceToken | None = None

    def __repr__(self) -> str:
        """Nothing of it."""
        return "PasskeySignInRequest()"


class PasskeyView(msgspec.Struct, kw_only=True):
    """A passkey as its owner recognises it. `suspended`: it seemed to be copied and is not accepted any more."""

    passkey_id: UUID
    label: str
    backed_up: bool
    registered_at: datetime
    last_used_at: datetime | None
    suspended: bool


class PasskeyList(msgspec.Struct, kw_only=True):
    """The oldest first."""

    items: list[PasskeyView]


def _view(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        passkey_id=passkey.passkey_id,
        label=passkey.label,
        backed_up=passkey.backed_up,
        registered_at=passkey.registered_at,
        last_used_at=passkey.last_used_at,
        suspended=passkey.suspended_at is not None,
    )


class PasskeyController(Controller):
    tags = ("passkeys",)

    @post("/sign-in/passkey/options", status_code=200, guards=[needs("identity.sign_in.begin")])
    async def sign_in_options(self, door: NamedDependency[Door]) -> Response[PasskeyOptions]:
        """What the browser needs to sign in with a passkey; good for five minutes and once."""
        async with door.database.transaction() as tx:
            options = await sign_in_options(tx, door.settings)
        return Response(PasskeyOptions(public_key=options), headers=NOT_KEPT)

    @post("/sign-in/passkey", status_code=200, responses=MAY_FIND_OUT_OF_USE, guards=[needs("identity.sign_in.begin")])
    async def sign_in(
        self, request: HttpRequest, data: JSONBody[PasskeySignInRequest], door: NamedDependency[Door]
    ) -> Response[Tokens]:
        """Sign in with a passkey. 401 `challenge-invalid`, `passkey-refused`, `passkey-suspended`; 403
        `account-suspended`, `account-disabled`."""
        tokens = await sign_in_with_passkey(
            door, request.command_context(), visit_of(request), data.credential, data.device_token
        )
        return Response(tokens, headers=NOT_KEPT)

    @get("/passkeys", guards=[needs("identity.authenticators.own")])
    async def list_passkeys(self, request: HttpRequest, database: NamedDependency[Database]) -> PasskeyList:
        """One's own passkeys."""
        async with database.reading() as tx:
            return PasskeyList(items=[_view(passkey) for passkey in await passkeys_of(tx, request.user.account_id)])

    @post("/passkeys/options", status_code=200, guards=[needs("identity.authenticators.change")])
    async def registration_options(self, request: HttpRequest, door: NamedDependency[Door]) -> Response[PasskeyOptions]:
        """What the browser needs to make a passkey. 401 `fresh-sign-in-needed`, 409 `too-many-passkeys`."""
        async with door.database.transaction(request.command_context()) as tx:
            options = await registration_options(tx, await own_account(tx, request), door.settings)
        return Response(PasskeyOptions(public_key=options), headers=NOT_KEPT)

    @post("/passkeys", status_code=201, guards=[needs("identity.authenticators.change")])
    async def register(
        self, request: HttpRequest, data: JSONBody[RegisterPasskeyRequest], door: NamedDependency[Door]
    ) -> Response[PasskeyView]:
        """Register what the browser made. 401 `challenge-invalid`, `fresh-sign-in-needed`; 409 `passkey-registered`,
        `too-many-passkeys`; 422 `passkey-not-accepted`."""
        async with door.database.reading() as tx:
            account = await own_account(tx, request, held=False)
        passkey = await register_passkey(door, request.command_context(), account, data.credential, data.label)
        return Response(_view(passkey), status_code=201)

    @put("/passkeys/{passkey_id:uuid}", guards=[needs("identity.authenticators.own")])
    async def rename(
        self,
        request: HttpRequest,
        passkey_id: FromPath[UUID],
        data: JSONBody[RenamePasskeyRequest],
        database: NamedDependency[Database],
    ) -> Response[PasskeyView]:
        """Give one's own passkey another name. 404."""

        async def command(tx: Transaction) -> PasskeyView:
            return _view(await rename_passkey(tx, request.user.account_id, passkey_id, data.label))

        return await run_command(request, database, command)

    @delete(
        "/passkeys/{passkey_id:uuid}",
        status_code=204,
        guards=[needs("identity.authenticators.change")],
    )
    async def remove(
        self, request: HttpRequest, passkey_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> None:
        """Remove one's own passkey. 401 `fresh-sign-in-needed`, 404."""
        async with database.transaction(request.command_context()) as tx:
            await remove_passkey(tx, request.user.account_id, passkey_id)
