"""What an access token says, and how it is signed: a JWT by EdDSA (RFC 7519, RFC 8037, profile of RFC 9068).

Written and read by the same struct, so the one who issues and those who verify cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from joserfc import jws
from joserfc.errors import UnsupportedAlgorithmError
from joserfc.jwk import OKPKey

from cec_chassis.context import Actor
from cec_chassis.ids import new_id

ALGORITHM = "EdDSA"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068: no other kind of JWT can pass for an access token
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)
"""Short, because a token is not revoked: what was taken away is gone after this time."""


class EdDsaOnly(jws.JWSRegistry):
    """Knows one algorithm. The library warns of the name `EdDSA`, which RFC 9864 splits into `Ed25519` and `Ed448`;
    here it can only mean Ed25519, because no other key is ever taken in, and most verifiers know no other name yet."""

    def get_alg(self, name: str) -> Any:
        """The algorithm, if it is ours.

        Raises:
            UnsupportedAlgorithmError: `none`, `HS256` and all the rest.
        """
        if name != ALGORITHM:
            raise UnsupportedAlgorithmError(f"only {ALGORITHM} is known here")
        return self.algorithms[ALGORITHM]


REGISTRY = EdDsaOnly(algorithms=[ALGORITHM])


class AccessTokenClaims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The claims of an access token. Times are seconds since 1970 (NumericDate); `scope` is separated by spaces.

    `client_id` is there when another system or an application holds the token (RFC 9068); `sid` names the sign-in or the
    grant that it came from.
    """

    iss: str
    aud: str | list[str]
    sub: UUID
    iat: int
    nbf: int
    exp: int
    role: str
    jti: str = ""
    name: str = ""
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    scope: str = ""
    client_id: UUID | None = None
    sid: UUID | None = None
    auth_time: int | None = None
    amr: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        actor: Actor,
        *,
        issuer: str,
        audience: str,
        now: datetime,
        lifetime: timedelta = ACCESS_TOKEN_LIFETIME,
    ) -> AccessTokenClaims:
        """The claims that let `actor` in at `audience` from `now` on for `lifetime`."""
        at = int(now.timestamp())
        return cls(
            iss=issuer,
            aud=audience,
            sub=actor.account_id,
            iat=at,
            nbf=at,
            exp=at + int(lifetime.total_seconds()),
            jti=str(new_id()),
            role=actor.role,
            name=actor.name,
            organisation_id=actor.organisation_id,
            practitioner_id=actor.practitioner_id,
            scope=" ".join(actor.scopes),
            client_id=actor.client_id,
            sid=actor.session_id,
            auth_time=int(actor.authenticated_at.timestamp()) if actor.authenticated_at else None,
            amr=actor.methods,
        )

    def actor(self) -> Actor:
        """The caller that these claims describe."""
        return Actor(
            account_id=self.sub,
            role=self.role,
            name=self.name,
            organisation_id=self.organisation_id,
            practitioner_id=self.practitioner_id,
            scopes=tuple(self.scope.split()),
            client_id=self.client_id,
            session_id=self.sid,
            authenticated_at=datetime.fromtimestamp(self.auth_time, UTC) if self.auth_time is not None else None,
            methods=self.amr,
        )


def sign_access_token(claims: AccessTokenClaims, *, kid: str, private_jwk: Mapping[str, Any]) -> str:
    """The compact JWT of `claims`, signed by an Ed25519 key that verifiers know as `kid`."""
    key = OKPKey.import_key({name: private_jwk[name] for name in ("kty", "crv", "x", "d")})
    header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": kid}
    return jws.serialize_compact(header, msgspec.json.encode(claims), key, registry=REGISTRY)
