"""Tokens that somebody might try. Each is right in everything but one thing, and signed by the stack's own key where
that is not the thing."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from tests.support.tokens import TestKey

from cec_chassis.clock import SystemClock
from cec_chassis.context import Actor
from cec_chassis.database import Database
from cec_identity.sealing import Sealer
from cec_identity.signing_keys.store import current_key
from cec_local.stack import Stack

Forge = Callable[[TestKey, Actor], str]
HOUR = timedelta(hours=1)


async def signing_key_of(stack: Stack) -> TestKey:
    """The key that identity signs with now, taken from where it is sealed."""
    database = Database(stack.database_urls["identity"], SystemClock(), pool_size=1)
    try:
        async with database.reading() as tx:
            key = await current_key(tx, Sealer(stack.secrets.read("identity-secret-key"), "signing-key"))
    finally:
        await database.close()
    return TestKey(key.kid, key.private_jwk)


def now() -> datetime:
    return datetime.now(UTC)


def unsigned(key: TestKey, actor: Actor) -> str:
    """`alg: none` and an empty signature."""
    return f"{_signed_part(key, actor, alg='none')}."


def signed_by_the_public_key(key: TestKey, actor: Actor) -> str:
    """HS256, the secret being what everybody may read: a verifier that takes any algorithm would accept it."""
    part = _signed_part(key, actor, alg="HS256")
    public = base64.urlsafe_b64decode(key.jwk["x"] + "=")
    return f"{part}.{_base64(hmac.digest(public, part.encode(), hashlib.sha256))}"


def with_other_claims(key: TestKey, actor: Actor) -> str:
    """A good signature under other claims."""
    header, claims, signature = key.token(actor).split(".")
    told = msgspec.json.decode(_decoded(claims))
    return f"{header}.{_base64(msgspec.json.encode({**told, 'name': 'somebody else'}))}.{signature}"


def _signed_part(key: TestKey, actor: Actor, alg: str) -> str:
    header, claims, _ = key.token(actor).split(".")
    told: dict[str, Any] = msgspec.json.decode(_decoded(header))
    return f"{_base64(msgspec.json.encode({**told, 'alg': alg}))}.{claims}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


FORGED: dict[str, tuple[str, Forge]] = {
    "expired": ("token-expired", lambda key, actor: key.token(actor, now=now() - HOUR)),
    "not valid yet": ("token-invalid", lambda key, actor: key.token(actor, now=now() + HOUR)),
    "of another issuer": ("token-invalid", lambda key, actor: key.token(actor, issuer="https://elsewhere.example")),
    "for another audience": ("token-invalid", lambda key, actor: key.token(actor, audience="another-system")),
    "of a foreign key under a known id": ("token-invalid", lambda key, actor: TestKey(key.kid).token(actor)),
    "of a foreign key": ("token-invalid", lambda key, actor: TestKey().token(actor)),
    "with alg none": ("token-invalid", unsigned),
    "HS256 with the public key as secret": ("token-invalid", signed_by_the_public_key),
    "with other claims under a good signature": ("token-invalid", with_other_claims),
    "cut short": ("token-invalid", lambda key, actor: key.token(actor)[:-8]),
    "garbage": ("token-invalid", lambda _key, _actor: "garbage"),
}
"""What is wrong with it: the slug of the answer, and how it is made."""
