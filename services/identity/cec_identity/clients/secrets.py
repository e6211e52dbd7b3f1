"""Secrets of clients: made here, shown once, kept as a digest. Pure.

A secret is 256 random bits, so nobody guesses it and a slow hash would only slow every token down. The digest is keyed
(HMAC-SHA-256 under a key derived from CEC_SECRET_KEY): who can write into the table still cannot make a secret of their
own count.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

PREFIX = "cec_"
"""So that scanners of source code and mail recognise one that got lost."""
_BYTES = 32
LONGEST_GRACE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """A secret as it is kept."""

    secret_id: UUID
    digest: bytes
    created_at: datetime
    expires_at: datetime | None = None


def new_secret() -> str:
    """Begins with `cec_`."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def digest_of(secret: str, key: bytes) -> bytes:
    """What is kept of a secret."""
    return hmac.digest(key, secret.encode(), hashlib.sha256)


def opens(presented: str, kept: Iterable[ClientSecret], key: bytes, now: datetime) -> bool:
    """Whether one of the kept secrets is this one and counts now. Compares all, each in constant time."""
    digest = digest_of(presented, key)
    found = False
    for secret in kept:
        counts = secret.expires_at is None or now < secret.expires_at
        found |= hmac.compare_digest(secret.digest, digest) and counts
    return found


def expiries_after_rotation(kept: Iterable[ClientSecret], now: datetime, grace: timedelta) -> dict[UUID, datetime]:
    """When each of the older secrets ends, now that a new one is there: the newest of them after `grace`, others now."""
    living = sorted(
        (secret for secret in kept if secret.expires_at is None or now < secret.expires_at),
        key=lambda secret: secret.created_at,
        reverse=True,
    )
    ends = {secret.secret_id: now for secret in living[1:]}
    for secret in living[:1]:
        ends[secret.secret_id] = min(now + grace, secret.expires_at or now + grace)
    return ends
