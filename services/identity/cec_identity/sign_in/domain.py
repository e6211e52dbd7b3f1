"""Sessions and refresh tokens: what a presented token is worth. Pure.

A session is the family of all refresh tokens that came one from another after one sign-in. Each token is good once. A
token that comes a second time was copied, and nobody can tell whether the first or the second hand was the thief's:
the whole family ends.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from cec_chassis.problems import Refusal

_TOKEN_BYTES = 32


class SignInFailed(Refusal):
    """Name or password wrong; which of them is not said."""

    slug = "sign-in-failed"
    status = 401
    title = "帳號或密碼錯誤 / The account name or the password is wrong"


class RefreshTokenInvalid(Refusal):
    """The token was never given out here."""

    slug = "refresh-token-invalid"
    status = 401
    title = "更新憑證無效 / The refresh token is not valid"


class RefreshTokenReused(Refusal):
    """The token had been used before; the session has been ended because one of the two users is a thief."""

    slug = "refresh-token-reused"
    status = 401
    title = "更新憑證重複使用,連線已終止,請重新登入 / The refresh token was used before; the session has ended, sign in again"


class SessionEnded(Refusal):
    """Signed out, too long idle, too old, or the account disabled."""

    slug = "session-ended"
    status = 401
    title = "登入已結束,請重新登入 / The session has ended; sign in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in and what came of it."""

    session_id: UUID
    account_id: UUID
    ends_at: datetime
    """However often it is refreshed."""
    ended_at: datetime | None = None
    authenticated_at: datetime | None = None
    """When its owner last showed that it is they; a refresh does not move it."""
    methods: tuple[str, ...] = ()
    """How: one of the tuples of `Methods`."""


class Methods:
    """Ways to sign in, in the words of RFC 8176. `mfa`: something one has, and something one knows or is."""

    PASSWORD = ("pwd",)
    PASSWORD_AND_CODE = ("pwd", "otp", "mfa")
    PASSKEY = ("pop", "user", "mfa")
    CARD = ("sc", "pin", "mfa")
    """The authorities that are trusted give out cards that ask for a PIN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A refresh token as it is kept: not the token, its digest."""

    digest: bytes
    expires_at: datetime
    used_at: datetime | None = None


class Worth(Enum):
    """What a presented token is worth."""

    GOOD = auto()
    ENDED = auto()
    REUSED = auto()


def worth_of(token: RefreshToken, session: Session, now: datetime, *, account_active: bool) -> Worth:
    """A used token counts as reused as long as its session lives; afterwards there is nothing left to end."""
    if session.ended_at is not None:
        return Worth.ENDED
    if token.used_at is not None:
        return Worth.REUSED
    if now >= min(token.expires_at, session.ends_at) or not account_active:
        return Worth.ENDED
    return Worth.GOOD


def new_refresh_token() -> str:
    """256 random bits, as text for a JSON body."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest_of(token: str) -> bytes:
    """SHA-256. Enough for a random value of this length, and the table is of no use to a thief."""
    return hashlib.sha256(token.encode()).digest()


def expiry_of_token(now: datetime, session_ends_at: datetime, lifetime: timedelta) -> datetime:
    """A token never outlives its session."""
    return min(now + lifetime, session_ends_at)
