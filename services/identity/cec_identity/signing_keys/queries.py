"""The keys as they are told to the outside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from cec_identity.signing_keys.domain import SigningKey


class JsonWebKeySet(msgspec.Struct):
    """RFC 7517: the public keys by which access tokens can be verified."""

    keys: list[dict[str, Any]]


class SigningKeyView(msgspec.Struct, kw_only=True):
    """A key and its place in the set."""

    kid: str
    status: str
    not_before: datetime
    retires_at: datetime | None


class SigningKeysView(msgspec.Struct):
    """The whole set."""

    keys: list[SigningKeyView]


def json_web_key_set(keys: Iterable[SigningKey]) -> JsonWebKeySet:
    """The public halves."""
    return JsonWebKeySet([key.public_jwk for key in keys])


def signing_keys_view(keys: Iterable[SigningKey]) -> SigningKeysView:
    """The set for administrators."""
    return SigningKeysView(
        [
            SigningKeyView(kid=key.kid, status=key.status.value, not_before=key.not_before, retires_at=key.retires_at)
            for key in keys
        ]
    )
