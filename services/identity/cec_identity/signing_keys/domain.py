"""The set of signing keys, and how it moves on. Pure.

One key is current and signs. One is next: the others know it already, so that it can begin to sign at any moment after
`not_before` and no verification fails. Retired ones sign nothing; they verify until the last token they signed has
expired, and then leave the set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cec_chassis.problems import Refusal

MARGIN = timedelta(minutes=1)
"""Beyond the life of a token: clocks differ a little, and a sign-in may hold the old key for a moment."""


class NextKeyTooYoung(Refusal):
    """Some services may not have heard of the next key yet; tokens signed by it would be refused there."""

    slug = "next-key-too-young"
    status = 409
    title = "下一把金鑰尚未公布完成,請稍後再試 / The next key is not known everywhere yet; try again shortly"


class KeyStatus(StrEnum):
    CURRENT = "current"
    NEXT = "next"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """The public half and its place in the set."""

    kid: str
    public_jwk: dict[str, Any]
    status: KeyStatus
    not_before: datetime
    retires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A new pair that has no place yet."""

    kid: str
    public_jwk: dict[str, Any]

    def at(self, status: KeyStatus, not_before: datetime) -> SigningKey:
        """The public half in its place."""
        return SigningKey(kid=self.kid, public_jwk=self.public_jwk, status=status, not_before=not_before)


def first_set(current: FreshKey, following: FreshKey, now: datetime, settle: timedelta) -> tuple[SigningKey, ...]:
    """The set of a new installation."""
    return (current.at(KeyStatus.CURRENT, now), following.at(KeyStatus.NEXT, now + settle))


def rotated(
    keys: Sequence[SigningKey], fresh: FreshKey, now: datetime, *, settle: timedelta, token_lifetime: timedelta
) -> tuple[SigningKey, ...]:
    """The set after the next key has become current, the current one retired, and a fresh one next.

    Raises:
        NextKeyTooYoung: the next key was made less than `settle` ago.
    """
    moved = []
    for key in keys:
        if key.status is KeyStatus.NEXT:
            if now < key.not_before:
                wait = int((key.not_before - now).total_seconds()) + 1
                raise NextKeyTooYoung(headers={"Retry-After": str(wait)})
            moved.append(replace(key, status=KeyStatus.CURRENT))
        elif key.status is KeyStatus.CURRENT:
            moved.append(replace(key, status=KeyStatus.RETIRED, retires_at=now + token_lifetime + MARGIN))
        elif key.retires_at is not None and now < key.retires_at:
            moved.append(key)
    return (*moved, fresh.at(KeyStatus.NEXT, now + settle))
