"""Signing keys and access tokens for tests: what identity does in life, without identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from joserfc.jwk import OKPKey

from cec_chassis.context import Actor
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_chassis.tokens import AccessTokenClaims, SigningKey, sign_access_token, store_signing_keys

ISSUER = "cec-identity"
AUDIENCE = "cec"


class KeySet(msgspec.Struct, frozen=True):
    """The body of the news about keys, as `store_signing_keys` takes it."""

    keys: Sequence[SigningKey]


@dataclass(frozen=True)
class TestKey:
    """An Ed25519 key pair with an id."""

    __test__ = False

    kid: str = field(default_factory=lambda: str(new_id()))
    jwk: dict[str, Any] = field(default_factory=lambda: dict(OKPKey.generate_key("Ed25519").as_dict(private=True)))

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The half that may be told."""
        return {name: self.jwk[name] for name in ("kty", "crv", "x")}

    def signing_key(
        self,
        *,
        status: str = "current",
        not_before: datetime = datetime(2000, 1, 1, tzinfo=UTC),
        retires_at: datetime | None = None,
    ) -> SigningKey:
        """As services keep it."""
        return SigningKey(
            kid=self.kid,
            public_jwk=self.public_jwk,
            status=status,
            not_before=not_before,
            retires_at=retires_at,
        )

    def token(
        self,
        actor: Actor,
        *,
        now: datetime | None = None,
        lifetime: timedelta = timedelta(minutes=10),
        issuer: str = ISSUER,
        audience: str = AUDIENCE,
    ) -> str:
        """An access token of `actor`, good from `now` on."""
        claims = AccessTokenClaims.of(
            actor, issuer=issuer, audience=audience, now=now or datetime.now(UTC), lifetime=lifetime
        )
        return sign_access_token(claims, kid=self.kid, private_jwk=self.jwk)

    def headers(self, actor: Actor, **options: Any) -> dict[str, str]:
        """Request headers of `actor`; options as for :meth:`token`."""
        return {"Authorization": f"Bearer {self.token(actor, **options)}"}


def an_actor(
    role: str,
    *,
    account_id: UUID | None = None,
    name: str = "測試帳號",
    organisation_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    scopes: tuple[str, ...] = (),
    client_id: UUID | None = None,
    authenticated_at: datetime | None = None,
    methods: tuple[str, ...] = (),
) -> Actor:
    """A caller of a role; a new account unless one is given."""
    return Actor(
        account_id=account_id or new_id(),
        role=role,
        name=name,
        organisation_id=organisation_id,
        practitioner_id=practitioner_id,
        scopes=scopes,
        client_id=client_id,
        authenticated_at=authenticated_at,
        methods=methods,
    )


async def trust(database: Database, *keys: TestKey, sequence: int = 1) -> None:
    """Make a service's database trust exactly these keys; a later call needs a higher `sequence`."""
    async with database.transaction() as tx:
        await store_signing_keys(tx, KeySet([key.signing_key() for key in keys]), sequence)
