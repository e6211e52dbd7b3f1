"""The authorization server: authlib's grants, deciding about what has been loaded. Nothing here waits for anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeGrant,
    AuthorizationServer,
    ClientCredentialsGrant,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import compare_s256_code_challenge
from authlib.oidc.core import OpenIDCode

from cec_identity.accounts.domain import Account
from cec_identity.openid.asked import Asked, scopes_of
from cec_identity.openid.issuing import EXPIRES_IN, Issuing, digest_of, new_code
from cec_identity.openid.models import AUTHENTICATION_METHODS, ClientModel, CodeModel, Grant, RefreshModel
from cec_identity.openid.person import person_claims
from cec_identity.openid.signed_clients import SignedClient, UsedAssertion

CLIENT_NOT_SHOWN = (
    "The client is not known, is disabled, or has not shown who it is. Check client_id and secret, and authenticate by "
    f"one of {', '.join(AUTHENTICATION_METHODS)}; ask an administrator if the secret was rotated."
)
"""Told for `invalid_client`; ASCII without quotes, as RFC 6749 section 5.2 has it."""
CHALLENGE_LENGTH = 43
"""Of a SHA-256 in base64url."""


@dataclass(frozen=True)
class Answer:
    """What authlib answers: a body, or (with a location) where the browser goes next."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")


@dataclass(kw_only=True)
class Loaded:
    """Everything the request names, as the database knows it."""

    clients: Mapping[str, ClientModel]
    code: CodeModel | None = None
    refresh: RefreshModel | None = None


@dataclass(kw_only=True)
class Decided:
    """What has to be written down once authlib has decided."""

    presented: CodeModel | RefreshModel | None = None
    """By the client that it was given to: good once, whatever else was wrong."""
    replayed: Grant | None = None
    """Presented a second time: somebody has a copy."""
    code: str | None = None
    """A new authorization code."""
    refresh_token: str | None = None
    """A new refresh token, of the grant of what was presented."""
    revoked: Grant | None = None
    machine: ClientModel | None = None
    scopes: tuple[str, ...] = ()
    assertion: UsedAssertion | None = None


class Server(AuthorizationServer):
    """Made for one request, and thrown away with it."""

    def __init__(self, loaded: Loaded, issuing: Issuing | None = None) -> None:
        super().__init__()
        self.loaded = loaded
        self.issuing = issuing
        self.decided = Decided()
        self.register_grant(CodeGrant, [Pkce(), IdToken()])
        self.register_grant(MachineGrant)
        self.register_grant(RefreshGrant)
        self.register_endpoint(Revocation)
        if issuing is not None:
            signed = SignedClient(issuing.settings.openid_issuer, issuing.now, self.decided)
            self.register_client_auth_method("private_key_jwt", signed)

    def query_client(self, client_id: str) -> ClientModel | None:
        return self.loaded.clients.get(client_id)

    def authenticate_client(self, request: Asked, methods: Iterable[str], endpoint: str = "token") -> ClientModel:
        """Raises InvalidClientError: in our words where the library would print a tuple of its methods."""
        try:
            client: ClientModel = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError as error:
            if (error.description or "").startswith("The client cannot authenticate with methods"):
                error.description = CLIENT_NOT_SHOWN
            raise
        return client

    def create_oauth2_request(self, request: Asked) -> Asked:
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens; what happened is in `decided`."""

    def save_token(self, token: dict[str, Any], request: Asked) -> None:
        """The refresh token is in `decided`; access tokens are kept nowhere."""

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, dict(headers))

    def generate_token(
        self,
        grant_type: str,  # noqa: ARG002 - what it is, `decided` says
        client: ClientModel,
        user: Account | None = None,
        scope: str | None = None,
        expires_in: int | None = None,  # noqa: ARG002 - all live equally long
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        """The answer to a good request for tokens, but for the ID token."""
        assert self.issuing is not None
        scopes = scopes_of(scope)
        presented = self.decided.presented
        if presented is None or user is None:
            scopes = scopes or client.client.scopes
            audience = self.audience or client.client.audiences[0]
            self.decided.machine, self.decided.scopes = client, scopes
            access = self.issuing.for_machine(client.client, scopes, audience)
        else:
            access = self.issuing.for_person(user.actor(), presented.grant, scopes)
        token = {"token_type": "Bearer", "access_token": access, "expires_in": EXPIRES_IN, "scope": " ".join(scopes)}
        if include_refresh_token:
            self.decided.refresh_token = token["refresh_token"] = new_code()
        return token

    audience: str | None = None
    """Whom the token of a machine account shall be for."""


class MachineGrant(ClientCredentialsGrant):
    """Another system asks for itself (RFC 6749 section 4.4). No scope asked: all it has."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION_METHODS

    def validate_requested_scope(self) -> None:
        """Raises InvalidScopeError, or `invalid_target` (RFC 8707)."""
        client = self.request.client.client
        if not set(scopes_of(self.request.payload.scope)) <= set(client.scopes):
            raise InvalidScopeError
        wanted = self.request.parameters.get("resource") or self.request.parameters.get("audience")
        if wanted is not None and wanted not in client.audiences:
            raise OAuth2Error("The client may not ask tokens for this audience.", error="invalid_target")
        self.server.audience = wanted


class CodeGrant(AuthorizationCodeGrant):
    """A person signed in to an application (RFC 6749 section 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION_METHODS

    def generate_authorization_code(self) -> str:
        return new_code()

    def save_authorization_code(self, code: str, request: Asked) -> None:
        self.server.decided.code = code
        self.server.decided.scopes = scopes_of(request.scope)

    def query_authorization_code(self, code: str, client: ClientModel) -> CodeModel | None:
        """The code if it is this client's and still good. Presenting it is what uses it up."""
        kept: CodeModel | None = self.server.loaded.code
        if kept is None or kept.digest != digest_of(code) or kept.grant.client_id != client.client.client_id:
            return None
        if kept.used:
            self.server.decided.replayed = kept.grant
            return None
        self.server.decided.presented = kept
        return kept if kept.grant.living and self.server.issuing.now < kept.expires_at else None

    def delete_authorization_code(self, authorization_code: CodeModel) -> None:
        """It is kept, marked as used, so that a second try is recognised."""

    def authenticate_user(self, authorization_code: CodeModel) -> Account | None:
        account = authorization_code.account
        return account if account.role in self.request.client.client.roles else None


class RefreshGrant(RefreshTokenGrant):
    """New tokens for a refresh token, which is used up (RFC 6749 section 6, RFC 9700 section 4.14)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshModel | None:
        kept: RefreshModel | None = self.server.loaded.refresh
        if kept is None or kept.digest != digest_of(refresh_token) or not kept.check_client(self.request.client):
            return None
        if kept.used:
            self.server.decided.replayed = kept.grant
            return None
        if not kept.grant.living or self.server.issuing.now >= kept.expires_at:
            return None
        if kept.account.role not in self.request.client.client.roles:
            return None
        return kept

    def issue_token(self, user: Account, refresh_token: RefreshModel) -> dict[str, Any]:
        """Only a request that is right in everything uses the token up: a wrong scope does not."""
        self.server.decided.presented = refresh_token
        token: dict[str, Any] = super().issue_token(user, refresh_token)
        return token

    def authenticate_user(self, refresh_token: RefreshModel) -> Account:
        return refresh_token.account

    def revoke_old_credential(self, refresh_token: RefreshModel) -> None:
        """Marked as used with what is decided."""


class Pkce(CodeChallenge):
    """RFC 7636 for every client, and S256 alone."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS = {"S256": compare_s256_code_challenge}  # noqa: RUF012 - read by authlib

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Raises InvalidRequestError."""
        asked = grant.request.parameters
        if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != CHALLENGE_LENGTH:
            raise InvalidRequestError("PKCE is required: 'code_challenge' with 'code_challenge_method' S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):
    """The ID token beside the first access token."""

    def exists_nonce(self, _nonce: str, _request: Asked) -> bool:
        """A nonce is the client's to compare; a code is good once, which is what a repeated nonce would break."""
        return False

    def encode_id_token(self, token: dict[str, Any], request: Asked) -> str:
        code: CodeModel = request.authorization_code
        server_issuing: Issuing = self._issuing
        return server_issuing.id_token(code, token["access_token"], person_claims(code.account, code.grant.scopes))

    def __call__(self, grant: CodeGrant) -> None:
        self._issuing = grant.server.issuing
        super().__call__(grant)


class Revocation(RevocationEndpoint):
    """A client gives a refresh token back (RFC 7009). Access tokens end by themselves within ten minutes."""

    CLIENT_AUTH_METHODS = AUTHENTICATION_METHODS

    def query_token(self, token: str, _token_type_hint: str | None) -> RefreshModel | None:
        kept: RefreshModel | None = self.server.loaded.refresh
        return kept if kept is not None and kept.digest == digest_of(token) else None

    def revoke_token(self, token: RefreshModel, _request: Asked) -> None:
        self.server.decided.revoked = token.grant
