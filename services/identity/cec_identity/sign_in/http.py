"""Sign-in over HTTP. Public by nature; the gateway limits how often one address may come."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Request, public
from cec_chassis.problems import PROBLEM_JSON, Problem, Refusal
from cec_identity.accounts.passwords import LONGEST, Passwords
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.domain import SignInFailed
from cec_identity.sign_in.refresh import refresh
from cec_identity.sign_in.sign_in import check_credentials, sign_in
from cec_identity.sign_in.sign_out import sign_out
from cec_identity.sign_in.tokens import Tokens
from cec_identity.vault import Vault

_NOT_KEPT = {"Cache-Control": "no-store"}
_MAY_REFUSE = {
    401: ResponseSpec(Problem, generate_examples=False, description="不得登入 / Not let in", media_type=PROBLEM_JSON)
}


class SignInRequest(Request):
    """Who one says one is."""

    name: Annotated[str, Meta(min_length=1, max_length=64, description="帳號")]
    password: Annotated[str, Meta(min_length=1, max_length=4 * LONGEST, description="密碼")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "SignInRequest()"


class RefreshTokenRequest(Request):
    """The refresh token of the last answer."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=200, description="更新憑證")]

    def __repr__(self) -> str:
        """Nothing of it."""
        return "RefreshTokenRequest()"


class SignInController(Controller):
    tags = ("sign-in",)

    @post("/sign-in", status_code=200, responses=_MAY_REFUSE, **public)
    async def sign_in(
        self,
        request: HttpRequest,
        data: JSONBody[SignInRequest],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[Tokens]:
        """Sign in with name and password. 401 `sign-in-failed`, whatever was wrong."""
        checked = await check_credentials(database, passwords, data.name, data.password)
        async with database.transaction(request.command_context()) as tx:
            tokens = await sign_in(tx, checked, settings, vault)
        if tokens is None:
            raise SignInFailed
        return Response(tokens, headers=_NOT_KEPT)

    @post("/token/refresh", status_code=200, responses=_MAY_REFUSE, **public)
    async def refresh_tokens(
        self,
        request: HttpRequest,
        data: JSONBody[RefreshTokenRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[Tokens]:
        """New tokens for a refresh token, which is used up. 401 `refresh-token-invalid`, `refresh-token-reused` (the
        session ends), `session-ended`."""
        async with database.transaction(request.command_context()) as tx:
            answer = await refresh(tx, data.refresh_token, settings, vault)
        if isinstance(answer, Refusal):
            raise answer
        return Response(answer, headers=_NOT_KEPT)

    @post("/sign-out", status_code=204, **public)
    async def sign_out(
        self, request: HttpRequest, data: JSONBody[RefreshTokenRequest], database: NamedDependency[Database]
    ) -> None:
        """End the session of a refresh token. 204 also when there is nothing to end."""
        async with database.transaction(request.command_context()) as tx:
            await sign_out(tx, data.refresh_token)
