"""The tokens that clients get: access tokens in the form that every service reads, and ID tokens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from authlib.oidc.core.util import create_half_hash
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from cec_chassis.context import Actor
from cec_chassis.tokens import ACCESS_TOKEN_LIFETIME, ALGORITHM, AccessTokenClaims, sign_access_token
from cec_chassis.tokens.claims import REGISTRY
from cec_identity.clients.domain import Client
from cec_identity.openid.models import CodeModel, Grant
from cec_identity.settings import IdentitySettings
from cec_identity.signing_keys.domain import SigningKey
from cec_identity.signing_keys.store import CurrentKey

ID_TOKEN_TYPE = "JWT"  # noqa: S105 - never `at+jwt`: no service takes an ID token for an access token
ID_TOKEN_LIFETIME = timedelta(minutes=10)
_SECRET_BYTES = 32


def new_code() -> str:
    """An authorization code or a refresh token: 256 random bits."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def digest_of(code: str) -> bytes:
    """What is kept of it. The text is random, so a fast digest is enough."""
    return hashlib.sha256(code.encode()).digest()


@dataclass(frozen=True, slots=True)
class Issuing:
    """What tokens are made with at one moment."""

    key: CurrentKey = field(repr=False)
    settings: IdentitySettings
    now: datetime

    def for_machine(self, client: Client, scopes: tuple[str, ...], audience: str) -> str:
        """An access token of a machine account."""
        actor = Actor(
            account_id=client.client_id,
            role="other_system",
            name=client.name,
            organisation_id=client.organisation_id,
            scopes=scopes,
            client_id=client.client_id,
        )
        return self._signed(actor, audience)

    def for_person(self, actor: Actor, grant: Grant, scopes: tuple[str, ...]) -> str:
        """An access token of an application that asks for a person: it may do what both may."""
        delegated = replace(
            actor,
            scopes=scopes,
            client_id=grant.client_id,
            session_id=grant.session_id,
            authenticated_at=grant.authenticated_at,
            methods=grant.methods,
        )
        return self._signed(delegated, self.settings.token_audience)

    def id_token(self, code: CodeModel, access_token: str, person: dict[str, Any]) -> str:
        """Who signed in, when and how, told to one application (OpenID Connect Core section 2)."""
        at = int(self.now.timestamp())
        claims: dict[str, Any] = {
            **person,
            "iss": self.settings.openid_issuer,
            "aud": str(code.grant.client_id),
            "iat": at,
            "exp": at + int(ID_TOKEN_LIFETIME.total_seconds()),
            "auth_time": int(code.grant.authenticated_at.timestamp()),
            "amr": code.grant.methods,
            "sid": code.grant.session_id,
            "at_hash": create_half_hash(access_token, ALGORITHM).decode(),
        }
        if code.nonce is not None:
            claims["nonce"] = code.nonce
        key = OKPKey.import_key({name: self.key.private_jwk[name] for name in ("kty", "crv", "x", "d")})
        header = {"alg": ALGORITHM, "typ": ID_TOKEN_TYPE, "kid": self.key.kid}
        return jws.serialize_compact(header, msgspec.json.encode(claims), key, registry=REGISTRY)

    def _signed(self, actor: Actor, audience: str) -> str:
        claims = AccessTokenClaims.of(actor, issuer=self.settings.token_issuer, audience=audience, now=self.now)
        return sign_access_token(claims, kid=self.key.kid, private_jwk=self.key.private_jwk)


EXPIRES_IN = int(ACCESS_TOKEN_LIFETIME.total_seconds())


class Hint(msgspec.Struct, frozen=True):
    """What an ID token says that comes back as a hint."""

    iss: str
    aud: str
    sub: UUID
    sid: UUID


def hint_of(token: str, keys: list[SigningKey], issuer: str) -> Hint | None:
    """What our own ID token says, expired or not; None when it is not ours."""
    try:
        signed = jws.extract_compact(token.encode(), registry=REGISTRY)
        header = signed.headers()
        known = {key.kid: key.public_jwk for key in keys}.get(str(header.get("kid")))
        if known is None or header.get("alg") != ALGORITHM or header.get("typ") != ID_TOKEN_TYPE:
            return None
        key = OKPKey.import_key({name: known[name] for name in ("kty", "crv", "x")})
        if not jws.validate_compact(signed, key, registry=REGISTRY):
            return None
        hint = msgspec.json.decode(signed.payload or b"", type=Hint)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return hint if hint.iss == issuer else None
