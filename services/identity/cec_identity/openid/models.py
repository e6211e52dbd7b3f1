"""What authlib asks about a client, a code and a refresh token; each wraps what was loaded, and asks nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin

from cec_identity.accounts.domain import Account
from cec_identity.clients.domain import Client, ClientAuthentication, ClientKind
from cec_identity.clients.secrets import ClientSecret, opens
from cec_identity.openid.asked import scopes_of

AUTHENTICATION_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
_METHODS_OF = {
    ClientAuthentication.SECRET: frozenset({"client_secret_basic", "client_secret_post"}),
    ClientAuthentication.PRIVATE_KEY: frozenset({"private_key_jwt"}),
    ClientAuthentication.NONE: frozenset({"none"}),
}
_GRANTS_OF = {
    ClientKind.MACHINE: frozenset({"client_credentials"}),
    ClientKind.APPLICATION: frozenset({"authorization_code", "refresh_token"}),
}


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What one person in one sign-in granted to one application, and whether it still stands."""

    grant_id: UUID
    client_id: UUID
    account_id: UUID
    session_id: UUID
    scopes: tuple[str, ...]
    authenticated_at: datetime
    methods: tuple[str, ...]
    living: bool
    """Neither ended itself nor through its session or its account."""
    session_ends_at: datetime


class ClientModel(ClientMixin):
    """A client in use."""

    def __init__(self, client: Client, secrets: list[ClientSecret], key: bytes, now: datetime) -> None:
        self.client = client
        self._secrets = secrets
        self._key = key
        self._now = now

    @property
    def client_id(self) -> str:
        return str(self.client.client_id)

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: an application says where it wants its answer."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Those of the asked scopes that the client may have; None unless `openid` is one: this is a sign-in."""
        allowed = [name for name in scopes_of(scope) if name in self.client.scopes]
        return " ".join(allowed) if "openid" in allowed else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.client.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return opens(client_secret, self._secrets, self._key, self._now)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in _METHODS_OF[self.client.authentication]

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and self.client.kind is ClientKind.APPLICATION

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in _GRANTS_OF[self.client.kind]


@dataclass(frozen=True, kw_only=True)
class CodeModel(AuthorizationCodeMixin):
    """An authorization code as it is kept: its digest."""

    digest: bytes
    grant: Grant
    account: Account
    redirect_uri: str
    nonce: str | None
    code_challenge: str
    expires_at: datetime
    used: bool
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.grant.scopes)


@dataclass(frozen=True, kw_only=True)
class RefreshModel(TokenMixin):
    """A refresh token of a client as it is kept: its digest."""

    digest: bytes
    grant: Grant
    account: Account
    expires_at: datetime
    used: bool

    def check_client(self, client: ClientModel) -> bool:
        return self.grant.client_id == client.client.client_id

    def get_scope(self) -> str:
        return " ".join(self.grant.scopes)
