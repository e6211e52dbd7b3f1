"""Proof of work: a challenge that costs its solver a second and us a millisecond (ALTCHA, second version).

It stands where the old pages had a picture of letters: nobody has to see, hear or type anything, and whoever asks a
thousand times pays a thousand times. A challenge is made without a row in the database; the signature tells that it is
ours, and each is good once.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec
from altcha import Challenge, Payload, create_challenge, verify_solution

from cec_chassis.database import Database
from cec_chassis.problems import Refusal
from cec_identity.proof_of_work.store import spend
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

ALGORITHM = "PBKDF2/SHA-256"
LIFETIME = timedelta(minutes=10)
LONGEST_PROOF = 4_000
"""Characters of the base64 text; a real one has some 700."""


class Purpose(StrEnum):
    """What the proof is for; one that was made for something else is refused."""

    ACTIVATION = "activation"
    RECOVERY = "recovery"
    APPLICATION = "application"
    SIGN_IN = "sign-in"


class ProofRequired(Refusal):
    """There is no proof of work, or none that holds: the client gets a challenge, solves it and asks again."""

    slug = "proof-of-work-required"
    status = 403
    title = (
        "請先完成驗證：取得驗證題目（POST /proof-of-work），解出後連同本次請求重新傳送 / A proof of work is required: fetch a "
        "challenge (POST /proof-of-work), solve it and send it along"
    )


class ProofSpent(Refusal):
    """The proof was used before."""

    slug = "proof-of-work-spent"
    status = 403
    title = "驗證已使用過,請重新驗證 / The proof of work was used before; solve a new challenge"


class _Data(msgspec.Struct, frozen=True):
    """What we write into the signed part of a challenge. Not in the library's own `expiresAt`, which it compares with
    a clock of its own."""

    purpose: str
    until: int
    """Seconds since 1970."""


class ProofOfWork:
    """Gives challenges and takes solutions. One for the process."""

    def __init__(self, settings: IdentitySettings, vault: Vault) -> None:
        self._key = vault.proof_key
        self._cost = settings.proof_of_work_cost

    def challenge(self, purpose: Purpose, now: datetime) -> Challenge:
        """A new challenge, to be solved within LIFETIME."""
        return create_challenge(
            ALGORITHM,
            self._cost,
            data={"purpose": purpose.value, "until": int((now + LIFETIME).timestamp())},
            hmac_secret=self._key,
        )

    async def require_solved(self, proof: str | None) -> Payload:
        """Lets through, as often as they come, whoever has solved one of our challenges: the database is not asked.

        Raises:
            ProofRequired: missing, malformed, not ours, or not solved.
        """
        payload = _payload(proof)
        if payload is None or not (await asyncio.to_thread(verify_solution, payload, self._key)).verified:
            raise ProofRequired
        return payload

    async def require(self, database: Database, proof: str | None, purpose: Purpose) -> None:
        """Lets through once whoever has solved a challenge for this purpose.

        What was spent is committed here, whatever becomes of the request: a proof pays for one attempt, also for one
        that fails.

        Raises:
            ProofRequired: missing, malformed, not ours, for another purpose, expired, or not solved.
            ProofSpent: it was used before.
        """
        payload = await self.require_solved(proof)
        data = _data(payload)
        until = datetime.fromtimestamp(data.until, UTC)
        async with database.transaction() as tx:
            if data.purpose != purpose.value or tx.now >= until:
                raise ProofRequired
            if not await spend(tx, payload.challenge.parameters.nonce, until):
                raise ProofSpent


def _payload(proof: str | None) -> Payload | None:
    """The proof as the library knows it; None when it is nothing of the kind."""
    if not proof or len(proof) > LONGEST_PROOF:
        return None
    try:
        return Payload.from_base64(proof)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _data(payload: Payload) -> _Data:
    """Ours, because the signature held."""
    return msgspec.convert(payload.challenge.parameters.data, _Data)
