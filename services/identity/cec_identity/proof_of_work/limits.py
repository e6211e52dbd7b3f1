"""How often one may try: a window of time and a number of attempts in it, counted in the database for all processes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from cec_chassis.database import Database, Transaction
from cec_chassis.problems import TooManyRequests
from cec_identity.proof_of_work.store import count_attempt, forget_attempts
from cec_identity.vault import Vault


@dataclass(frozen=True, slots=True)
class Limit:
    """No more than `most` attempts by one subject within `window`, which begins with the first of them."""

    purpose: str
    most: int
    window: timedelta


class Limiter:
    """Counts attempts by what was tried (a national ID, a name, an address), of which it keeps a keyed hash."""

    def __init__(self, vault: Vault) -> None:
        self._key = vault.proof_key

    async def require(self, database: Database, *tried: tuple[Limit, str]) -> None:
        """Counts one attempt for each, known or not, and commits: a failed request counts as much as a good one.

        Raises:
            TooManyRequests: with `Retry-After`.
        """
        async with database.transaction() as tx:
            waits = [await self._count(tx, limit, subject) for limit, subject in tried]
        wait = max(waits)
        _refuse(wait)

    async def require_within(self, tx: Transaction, limit: Limit, subject: str) -> None:
        """Counts one more in `tx`: a request that fails uses nothing up.

        Raises:
            TooManyRequests: with `Retry-After`.
        """
        _refuse(await self._count(tx, limit, subject))

    async def allows(self, tx: Transaction, limit: Limit, subject: str) -> bool:
        """Counts one more in `tx`: what is not committed was none. For what is left undone beyond the limit without anybody
        being refused, like one more mail to an address."""
        return await self._count(tx, limit, subject) == 0

    async def forget(self, tx: Transaction, limit: Limit, subject: str) -> None:
        """The attempts of this subject count no longer."""
        await forget_attempts(tx, limit.purpose, self._hash(limit, subject))

    async def _count(self, tx: Transaction, limit: Limit, subject: str) -> int:
        """Seconds to wait; 0 when the attempt is within the limit."""
        count, end = await count_attempt(tx, limit.purpose, self._hash(limit, subject), tx.now + limit.window)
        return 0 if count <= limit.most else ceil((end - tx.now).total_seconds())

    def _hash(self, limit: Limit, subject: str) -> bytes:
        return hmac.digest(self._key, f"limit\0{limit.purpose}\0{subject}".encode(), hashlib.sha256)


def _refuse(wait: int) -> None:
    if wait:
        raise TooManyRequests(_come_again(wait), headers={"Retry-After": str(wait)})


def _come_again(seconds: int) -> str:
    """In minutes, and in hours when it is long, rounded up."""
    minutes, hours = ceil(seconds / 60), ceil(seconds / 3600)
    if minutes <= 90:
        return f"請求過於頻繁，請於 {minutes} 分鐘後再試 / Too many requests; try again in {minutes} min"
    return f"請求過於頻繁，請於 {hours} 小時後再試 / Too many requests; try again in {hours} h"
