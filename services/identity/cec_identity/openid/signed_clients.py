"""Clients that show who they are by signing (RFC 7523, `private_key_jwt`): no secret travels, and none is kept here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet

from cec_identity.clients.public_keys import ALGORITHMS

LONGEST_ASSERTION = timedelta(minutes=5)
SKEW_SECONDS = 30
LONGEST_JTI = 200


class KnownAlgorithms(jws.JWSRegistry):
    """The algorithms of clients that sign, and no other; without the library's warning of the old name of Ed25519."""

    def get_alg(self, name: str) -> Any:
        """Raises UnsupportedAlgorithmError."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError("not an algorithm of clients")
        return self.algorithms[name]


REGISTRY = KnownAlgorithms(algorithms=list(ALGORITHMS))


class UsedAssertion(NamedTuple):
    """An assertion that was good; it is good once."""

    client_id: UUID
    jti: str
    expires_at: datetime


class TakesAssertion(Protocol):
    """Where the used assertion is put down."""

    assertion: UsedAssertion | None


class SignedClient(JWTBearerClientAssertion):
    """Checks an assertion by our clock. Whether it was used before, the database says when it is kept."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, issuer: str, now: datetime, decided: TakesAssertion) -> None:
        super().__init__()
        self._issuer = issuer
        self._now = now
        self._decided = decided

    def get_audiences(self) -> list[str]:
        """Our issuer, or the token endpoint (RFC 7523 section 3)."""
        return [self._issuer, f"{self._issuer}/oauth/token"]

    def extract_assertion(self, assertion: str) -> Any:
        try:
            return super().extract_assertion(assertion)
        except (ValueError, TypeError, RecursionError):
            raise InvalidClientError(description="Invalid JWT assertion.") from None

    def resolve_client_public_key(self, client: Any) -> KeySet:
        """Raises InvalidClientError: the client does not sign."""
        if client.client.public_keys is None:
            raise InvalidClientError(description="The client has no keys.")
        return KeySet.import_key_set(client.client.public_keys)

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> dict[str, Any]:
        """Raises InvalidClientError: wrong signature, or claims that do not hold."""
        try:
            claims = jwt.decode(assertion, resolve_key, registry=REGISTRY).claims
            at = int(self._now.timestamp())
            jwt.JWTClaimsRegistry(
                now=at,
                leeway=SKEW_SECONDS,
                aud={"essential": True, "values": self.get_audiences()},
                exp={"essential": True},
                iss={"essential": True},
                sub={"essential": True},
                jti={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise InvalidClientError(description="The assertion is not valid.") from None
        jti, expires = claims["jti"], claims["exp"]
        too_long = expires - at > LONGEST_ASSERTION.total_seconds() + SKEW_SECONDS
        if claims["iss"] != claims["sub"] or too_long or not isinstance(jti, str) or len(jti) > LONGEST_JTI:
            raise InvalidClientError(description="The assertion is not valid.")
        # until it is too old to be accepted, leeway included
        end = self._now + timedelta(seconds=expires - at + 2 * SKEW_SECONDS)
        self._decided.assertion = UsedAssertion(UUID(claims["sub"]), jti, end)
        return dict(claims)
