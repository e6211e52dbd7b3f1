"""The authorization endpoint: may this application have this person signed in, and where does the browser go next?

There is no page of ours in it. The portal's front end is asked by the application's address, asks us what it is about
(:func:`look_at`), lets the person sign in and consent where that is needed, and tells us (:func:`decide`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError, OAuth2Error
from authlib.oidc.core.errors import (
    ConsentRequiredError,
    LoginRequiredError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)

from cec_chassis.context import Actor
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import Refusal
from cec_identity.clients.domain import Client
from cec_identity.openid.asked import Asked, scopes_of
from cec_identity.openid.issuing import digest_of
from cec_identity.openid.load import loaded_for
from cec_identity.openid.models import Grant
from cec_identity.openid.server import Answer, Server
from cec_identity.openid.store import consented_scopes, insert_code, insert_grant, save_consent
from cec_identity.vault import Vault

CODE_LIFETIME = timedelta(seconds=60)
JUST_NOW = timedelta(minutes=2)
"""A sign-in so recent is what `prompt=login` asks for."""
SOMEBODY = object()
"""Stands for the person while nobody knows yet who it is."""


class Decision(StrEnum):
    ALLOW = "allow"
    REFUSE = "refuse"


class ConsentNeeded(Refusal):
    """The person has not been asked yet whether the application may have what it asks for."""

    slug = "consent-needed"
    status = 409
    title = "須先徵得同意 / Ask the person for consent, then send the decision"


class NotInOrder(Refusal):
    """Nobody knows which application asks, or that the address is its own: the browser must not be sent anywhere."""

    slug = "authorization-request-invalid"
    status = 400
    title = "應用系統之登入請求有誤,請由應用系統重新開始 / The application's request is not in order; begin again there"


class SignInAgain(Refusal):
    """The application wants a sign-in that is newer than this one."""

    slug = "sign-in-again"
    status = 403
    title = "應用系統要求重新登入 / The application asks for a new sign-in"


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that is in order, and that somebody has to decide about."""

    client: Client
    scopes: tuple[str, ...]
    prompts: frozenset[str]
    max_age: timedelta | None
    redirect_uri: str
    state: str | None
    issuer: str

    def refused(self, error: type[OAuth2Error]) -> str:
        """Where the browser goes with a no."""
        answered = error(redirect_uri=self.redirect_uri, state=self.state)
        return with_issuer(dict(answered()[2])["Location"], self.issuer)

    def sign_in_too_old(self, authenticated_at: datetime | None, now: datetime) -> bool:
        """Whether the application asks for a newer sign-in than that of `authenticated_at`."""
        if authenticated_at is None:
            return True
        age = now - authenticated_at
        return (self.max_age is not None and age > self.max_age) or ("login" in self.prompts and age > JUST_NOW)


def with_issuer(location: str, issuer: str) -> str:
    """Says who answers, so that a client of several providers cannot be led to mix them up (RFC 9207)."""
    return str(add_params_to_uri(location, [("iss", issuer)]))


async def look_at(tx: Transaction, asked: Asked, issuer: str, vault: Vault) -> Pending:
    """The request, if it is in order.

    Raises:
        OAuth2Error: it is not. With a `redirect_uri` the browser is sent there; without one it must not be sent anywhere.
    """
    server = Server(await loaded_for(tx, asked, vault.client_secret_key))
    return _checked(server, asked, issuer)[1]


async def decide(
    tx: Transaction, asked: Asked, actor: Actor, decision: Decision | None, issuer: str, vault: Vault
) -> str:
    """Where the browser goes: back to the application, with a code or with a no.

    Raises:
        OAuth2Error: the request is not in order, as in :func:`look_at`.
        SignInAgain, ConsentNeeded: the person has to be asked first; not when the application wants no page shown.
    """
    server = Server(await loaded_for(tx, asked, vault.client_secret_key))
    grant, pending = _checked(server, asked, issuer)
    refused = await _refused(tx, pending, actor, decision)
    if refused is not None:
        return refused
    answer: Answer = server.create_authorization_response(asked, actor, grant=grant)
    code, scopes = server.decided.code, server.decided.scopes
    if code is None or answer.location is None:
        raise InvalidRequestError
    assert actor.session_id is not None
    assert actor.authenticated_at is not None
    given = Grant(
        grant_id=new_id(),
        client_id=pending.client.client_id,
        account_id=actor.account_id,
        session_id=actor.session_id,
        scopes=scopes,
        authenticated_at=actor.authenticated_at,
        methods=actor.methods,
        living=True,
        session_ends_at=tx.now,
    )
    await insert_grant(tx, given)
    await insert_code(
        tx,
        digest_of(code),
        given.grant_id,
        redirect_uri=pending.redirect_uri,
        nonce=asked.parameters.get("nonce"),
        code_challenge=asked.parameters["code_challenge"],
        expires_at=tx.now + CODE_LIFETIME,
    )
    return with_issuer(answer.location, issuer)


async def _refused(tx: Transaction, pending: Pending, actor: Actor, decision: Decision | None) -> str | None:
    if decision is Decision.REFUSE or actor.role not in pending.client.roles:
        return pending.refused(AccessDeniedError)
    silent = "none" in pending.prompts
    if actor.session_id is None or pending.sign_in_too_old(actor.authenticated_at, tx.now):
        if silent:
            return pending.refused(LoginRequiredError)
        raise SignInAgain
    consented = await consented_scopes(tx, actor.account_id, pending.client.client_id)
    wanted = frozenset(pending.scopes)
    settled = pending.client.trusted or wanted <= consented
    if decision is not Decision.ALLOW and (not settled or "consent" in pending.prompts):
        if silent:
            return pending.refused(ConsentRequiredError)
        raise ConsentNeeded
    if not settled:
        await save_consent(tx, actor.account_id, pending.client.client_id, consented | wanted)
        tx.audit(
            "application.consented",
            subject_type="account",
            subject_id=actor.account_id,
            after={"client_id": str(pending.client.client_id), "scopes": sorted(wanted)},
        )
    return None


def _checked(server: Server, asked: Asked, issuer: str) -> tuple[Any, Pending]:
    if "redirect_uri" not in asked.parameters:
        raise InvalidRequestError("Missing 'redirect_uri' in request.")
    grant = server.get_consent_grant(asked, SOMEBODY)
    try:
        pending = _pending(asked, grant, issuer)
    except OAuth2Error as error:
        error.redirect_uri, error.state = grant.redirect_uri, asked.parameters.get("state")
        raise
    return grant, pending


def _pending(asked: Asked, grant: Any, issuer: str) -> Pending:
    parameters = asked.parameters
    if "request" in parameters:
        raise RequestNotSupportedError
    if "request_uri" in parameters:
        raise RequestURINotSupportedError
    if parameters.get("response_mode", "query") != "query":
        raise InvalidRequestError("Only the response_mode 'query' is supported.")
    max_age = parameters.get("max_age")
    if max_age is not None and not (max_age.isascii() and max_age.isdigit() and len(max_age) <= 9):
        raise InvalidRequestError("'max_age' is no number of seconds.")
    return Pending(
        client=asked.client.client,
        scopes=scopes_of(asked.scope),
        prompts=frozenset(scopes_of(parameters.get("prompt"))),
        max_age=timedelta(seconds=int(max_age)) if max_age is not None else None,
        redirect_uri=grant.redirect_uri,
        state=parameters.get("state"),
        issuer=issuer,
    )
