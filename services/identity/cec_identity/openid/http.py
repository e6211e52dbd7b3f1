"""OpenID Connect and OAuth 2.0 over HTTP. Refusals of the protocol look as the protocol says, not as problem documents."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from authlib.oauth2.rfc6749 import OAuth2Error
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Request, expect_media_type, needs
from cec_chassis.problems import TokenInvalid
from cec_contracts.access import scopes as known_scopes
from cec_identity.accounts.store import account_by_id
from cec_identity.openid.asked import Asked, parameters_of
from cec_identity.openid.authorize import Decision, NotInOrder, decide, look_at, with_issuer
from cec_identity.openid.discovery import ProviderMetadata, provider_metadata
from cec_identity.openid.documented import FORM, refused, takes_form, takes_query
from cec_identity.openid.end_session import sign_out_everywhere
from cec_identity.openid.pending import PendingView, pending_view
from cec_identity.openid.person import person_claims
from cec_identity.openid.server import Answer
from cec_identity.openid.store import grant_lives
from cec_identity.openid.token import exchange, revoke
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FORM_BYTES = 20_000
_ASKED = ("client_id", "redirect_uri", "response_type", "scope", "code_challenge", "code_challenge_method")
_MAY_ASK = ("state", "nonce", "prompt", "max_age")
_CREDENTIALS = ("client_id", "client_secret", "client_assertion_type", "client_assertion")
_LOGOUT = ("post_logout_redirect_uri", "state", "client_id")
_ONWARDS = ResponseSpec(None, description="瀏覽器前往下一個網址 / The browser goes on", generate_examples=False)


class TokenAnswer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 6749 section 5.1. The ID token is there after a sign-in, the refresh token for applications."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str = ""
    id_token: str = ""


class AuthorizeRequest(Request):
    """What the application asked (the query of its address, as it is), and what the person said to it."""

    request: Annotated[str, Meta(min_length=1, max_length=8_000)]
    decision: Decision | None = None


class Onwards(msgspec.Struct):
    """Where the front end sends the browser: back to the application."""

    redirect_to: str


class SignedOut(msgspec.Struct):
    """The sign-in has ended, here and for all applications."""

    signed_out: bool = True


class OpenIdController(Controller):
    tags = ("openid connect",)

    @get("/.well-known/openid-configuration", guards=[needs("identity.openid.discover")])
    async def read_provider_metadata(self, settings: NamedDependency[IdentitySettings]) -> Response[ProviderMetadata]:
        """What applications need to know to sign people in here (OpenID Connect Discovery)."""
        metadata = provider_metadata(settings.openid_issuer)
        return Response(metadata, headers={"Cache-Control": "public, max-age=300"})

    @get(
        "/oauth/authorize",
        guards=[needs("identity.openid.discover")],
        operation_class=takes_query(_ASKED, _MAY_ASK),
        opt={"reads_raw_query": True},
        responses={
            200: ResponseSpec(PendingView, description="The request is in order", generate_examples=False),
            303: _ONWARDS,
            **refused(400),
        },
    )
    async def look_at_authorization(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[Any]:
        """What an application asks, for the page that asks the person. A request that is not in order goes back to the
        application (303), or nowhere (400) when nobody knows that it is one."""
        try:
            asked = Asked("GET", parameters_of(request.scope["query_string"]))
            async with database.reading() as tx:
                pending = await look_at(tx, asked, settings.openid_issuer, vault)
        except OAuth2Error as error:
            return _answered(_with_issuer(error, settings.openid_issuer))
        return Response(pending_view(pending, known_scopes()), headers=_NOT_KEPT)

    @post(
        "/oauth/authorize",
        guards=[needs("identity.openid.authorize")],
        status_code=200,
        opt={"never_replayed": True},
    )
    async def decide_authorization(
        self,
        request: HttpRequest,
        data: JSONBody[AuthorizeRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[Onwards]:
        """Sign the caller in to the application, with what they decided. 400 `authorization-request-invalid`, 403
        `sign-in-again`, 409 `consent-needed`."""
        issuer = settings.openid_issuer
        try:
            asked = Asked("GET", parameters_of(data.request))
            async with database.transaction(request.command_context()) as tx:
                onwards = await decide(tx, asked, request.user, data.decision, issuer, vault)
        except OAuth2Error as error:
            answer = _with_issuer(error, issuer)
            if answer.location is None:
                raise NotInOrder(f"{NotInOrder.title} ({error.error}: {error.get_error_description()})") from None
            onwards = answer.location
        return Response(Onwards(onwards), headers=_NOT_KEPT)

    @post(
        "/oauth/token",
        guards=[needs("identity.openid.token")],
        status_code=200,
        request_max_body_size=_FORM_BYTES,
        operation_class=takes_form(
            ("grant_type",),
            ("code", "redirect_uri", "code_verifier", "refresh_token", "scope", "resource", *_CREDENTIALS),
        ),
        responses={
            200: ResponseSpec(TokenAnswer, description="Tokens", generate_examples=False),
            **refused(400, 401),
        },
    )
    async def give_tokens(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[Any]:
        """Tokens for a code, for a refresh token, or for a machine account itself (`client_credentials`)."""
        try:
            asked = await _form(request)
            async with database.transaction(request.command_context()) as tx:
                answer = await exchange(tx, asked, settings, vault)
        except OAuth2Error as error:
            answer = Answer(*_parts(error))
        return _answered(answer)

    @post(
        "/oauth/revoke",
        guards=[needs("identity.openid.token")],
        status_code=200,
        request_max_body_size=_FORM_BYTES,
        operation_class=takes_form(("token",), ("token_type_hint", *_CREDENTIALS)),
        responses={
            200: ResponseSpec(dict[str, str], description="It counts no more", generate_examples=False),
            **refused(400, 401),
        },
    )
    async def revoke_token(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[Any]:
        """A client gives a refresh token back; what was granted with it ends (RFC 7009)."""
        try:
            asked = await _form(request)
            async with database.transaction(request.command_context()) as tx:
                answer = await revoke(tx, asked, settings, vault)
        except OAuth2Error as error:
            answer = Answer(*_parts(error))
        return _answered(answer)

    @get("/oauth/userinfo", guards=[needs("identity.openid.userinfo")])
    async def read_userinfo(self, request: HttpRequest, database: NamedDependency[Database]) -> dict[str, Any]:
        """Who the token's person is, as far as its scopes let it be told. 401 when what was granted has ended."""
        actor = request.user
        async with database.reading() as tx:
            account = await account_by_id(tx, actor.account_id)
            stands = actor.client_id is None or (
                actor.session_id is not None and await grant_lives(tx, actor.client_id, actor.session_id)
            )
        if account is None or not account.active or not stands:
            raise TokenInvalid(headers={"WWW-Authenticate": 'Bearer realm="cec", error="invalid_token"'})
        return person_claims(account, actor.scopes)

    @get(
        "/oauth/logout",
        guards=[needs("identity.openid.token")],
        operation_class=takes_query(("id_token_hint",), _LOGOUT),
        opt={"reads_raw_query": True},
        status_code=200,
        responses={
            200: ResponseSpec(SignedOut, description="Signed out, and nowhere to go", generate_examples=False),
            303: _ONWARDS,
            **refused(400),
        },
    )
    async def sign_out_by_address(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
    ) -> Response[Any]:
        """End the sign-in that an application's ID token names, and go where the application asks, if it may."""
        return await _signed_out(request, request.scope["query_string"], database, settings)

    @post(
        "/oauth/logout",
        guards=[needs("identity.openid.token")],
        operation_class=takes_form(("id_token_hint",), _LOGOUT),
        request_max_body_size=_FORM_BYTES,
        status_code=200,
        responses={
            200: ResponseSpec(SignedOut, description="Signed out, and nowhere to go", generate_examples=False),
            303: _ONWARDS,
            **refused(400),
        },
    )
    async def sign_out_by_form(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
    ) -> Response[Any]:
        """The same with a form: the ID token stands in no address then."""
        expect_media_type(request, FORM)
        return await _signed_out(request, await request.body(), database, settings)


async def _form(request: HttpRequest) -> Asked:
    expect_media_type(request, FORM)
    return Asked("POST", parameters_of(await request.body()), request.headers.get("Authorization"))


async def _signed_out(
    request: HttpRequest, parameters: bytes, database: Database, settings: IdentitySettings
) -> Response[Any]:
    try:
        asked = Asked("POST", parameters_of(parameters))
        async with database.transaction(request.command_context()) as tx:
            onwards = await sign_out_everywhere(tx, asked, settings.openid_issuer)
    except OAuth2Error as error:
        return _answered(Answer(*_parts(error)))
    if onwards is None:
        return Response(SignedOut(), headers=_NOT_KEPT)
    return Response(None, status_code=303, headers={"Location": onwards, **_NOT_KEPT})


def _parts(error: OAuth2Error) -> tuple[int, Any, dict[str, str]]:
    status, body, headers = error()
    return status, body, dict(headers)


def _with_issuer(error: OAuth2Error, issuer: str) -> Answer:
    if not error.redirect_uri:
        error.state = None  # nobody gets it back who could know it as theirs, so nothing of it is repeated
    answer = Answer(*_parts(error))
    if answer.location is None:
        return answer
    return Answer(303, None, {"Location": with_issuer(answer.location, issuer)})


def _answered(answer: Answer) -> Response[Any]:
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
    body = None if answer.location is not None else answer.body
    return Response(body, status_code=answer.status, media_type="application/json", headers={**headers, **_NOT_KEPT})
