"""Challenges: random values that we give out, that come back once, soon, for what they were given out for.

The value itself is with the client only; here is its digest. What passkeys and cards sign is the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal
from cec_identity.sign_in.domain import digest_of, new_refresh_token
from cec_identity.tables import metadata

LIFETIME = timedelta(minutes=5)

sign_in_challenges = Table(
    "sign_in_challenges",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("account_id", Uuid, ForeignKey("accounts.id")),
    Column("device", LargeBinary),
    Column("failures", Integer, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("sign_in_challenges_by_expiry", "expires_at"),
)


class ChallengeInvalid(Refusal):
    """Never given out for this, used before, or too old. The client asks for a new one."""

    slug = "challenge-invalid"
    status = 401
    title = "驗證要求已失效,請重新開始 / The challenge is not valid any more; begin again"


class Purpose(StrEnum):
    """What a challenge is for; it is good for nothing else."""

    SECOND_FACTOR = "second_factor"
    PASSKEY_REGISTRATION = "passkey_registration"
    PASSKEY_SIGN_IN = "passkey_sign_in"
    CARD_REGISTRATION = "card_registration"
    CARD_SIGN_IN = "card_sign_in"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge that came back. `device` is the digest of the known device that it was given to, if any."""

    account_id: UUID | None
    device: bytes | None
    failures: int


async def give_challenge(
    tx: Transaction, purpose: Purpose, account_id: UUID | None = None, device: bytes | None = None
) -> str:
    """A new value of 256 random bits in base64url, good for LIFETIME."""
    value = new_refresh_token()
    await tx.execute(
        """
        INSERT INTO sign_in_challenges (digest, purpose, account_id, device, failures, expires_at)
        VALUES (:digest, :purpose, :account_id, :device, 0, :expires_at)
        """,
        digest=digest_of(value),
        purpose=purpose.value,
        account_id=account_id,
        device=device,
        expires_at=tx.now + LIFETIME,
    )
    return value


async def take_challenge(tx: Transaction, value: str, purpose: Purpose) -> Challenge:
    """The challenge, which is used up as soon as `tx` commits. Whoever checks an answer commits this first.

    Raises:
        ChallengeInvalid: there is none of this value and purpose that is still good.
    """
    row = await tx.one_or_none(
        """
        DELETE FROM sign_in_challenges WHERE digest = :digest AND purpose = :purpose AND expires_at > :now
        RETURNING account_id, device, failures
        """,
        digest=digest_of(value),
        purpose=purpose.value,
        now=tx.now,
    )
    if row is None:
        raise ChallengeInvalid
    return Challenge(row.account_id, row.device, row.failures)


async def held_challenge(tx: Transaction, value: str, purpose: Purpose) -> Challenge:
    """The challenge, which stays good and is held until `tx` ends, for an answer that may be mistyped.

    Raises:
        ChallengeInvalid: as above.
    """
    row = await tx.one_or_none(
        """
        SELECT account_id, device, failures FROM sign_in_challenges
        WHERE digest = :digest AND purpose = :purpose AND expires_at > :now FOR UPDATE
        """,
        digest=digest_of(value),
        purpose=purpose.value,
        now=tx.now,
    )
    if row is None:
        raise ChallengeInvalid
    return Challenge(row.account_id, row.device, row.failures)


async def mistyped(tx: Transaction, value: str, most: int) -> None:
    """A wrong answer to a held challenge; the one of number `most` is the last."""
    digest = digest_of(value)
    await tx.execute("UPDATE sign_in_challenges SET failures = failures + 1 WHERE digest = :digest", digest=digest)
    await tx.execute(
        "DELETE FROM sign_in_challenges WHERE digest = :digest AND failures >= :most", digest=digest, most=most
    )


async def drop_challenges_of(tx: Transaction, account_id: UUID) -> None:
    """None of an account is good any more."""
    await tx.execute("DELETE FROM sign_in_challenges WHERE account_id = :id", id=account_id)


async def forget_challenges(tx: Transaction) -> int:
    """Removes those whose time is over."""
    result = await tx.execute("DELETE FROM sign_in_challenges WHERE expires_at <= :now", now=tx.now)
    return int(result.rowcount)
