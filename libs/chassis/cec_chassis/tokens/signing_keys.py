"""This service's own copy of the public keys that sign access tokens: table `signing_keys`, fed by events.

The news always carries the whole set, so the newest news alone says what is so. A key that is no longer in the set is
kept as a row marked `withdrawn`; a row of older news can then never bring it back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Database, Transaction

WITHDRAWN = "withdrawn"


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key (JWK, Ed25519) and the time in which tokens signed by it count."""

    kid: str
    public_jwk: dict[str, Any]
    status: str
    not_before: datetime
    retires_at: datetime | None = None


class SigningKeySet(Protocol):
    """The body of the news, as far as the mechanics look into it."""

    @property
    def keys(self) -> Sequence[Any]:
        """Things with `kid`, `public_jwk`, `status`, `not_before` and `retires_at`."""
        ...


LoadKeys = Callable[[], Awaitable[Sequence[SigningKey]]]


async def keep_signing_keys(tx: Transaction, events: Sequence[Received[Any]]) -> None:
    """Handler of the event that tells the set of signing keys. Late and repeated news changes nothing."""
    for event in newest(events):
        await store_signing_keys(tx, event.body, event.sequence)


async def store_signing_keys(tx: Transaction, body: SigningKeySet, sequence: int) -> None:
    """Make `body` the set of keys, unless a newer one is known. The publisher uses it for its own copy."""
    # Two deliveries must not interleave: each must see what the other decided. Keys change a few times a year.
    await tx.execute("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
    known = await tx.scalar("SELECT max(sequence) FROM signing_keys")
    if known is not None and known >= sequence:
        return
    await tx.execute(
        """
        INSERT INTO signing_keys (kid, public_jwk, status, not_before, retires_at, sequence)
        SELECT kid, public_jwk, status, not_before, retires_at, :sequence
        FROM unnest(CAST(:kids AS text[]), CAST(:jwks AS jsonb[]), CAST(:statuses AS text[]),
                    CAST(:not_befores AS timestamptz[]), CAST(:retirements AS timestamptz[]))
             AS news (kid, public_jwk, status, not_before, retires_at)
        ON CONFLICT (kid) DO UPDATE SET
            public_jwk = excluded.public_jwk, status = excluded.status, not_before = excluded.not_before,
            retires_at = excluded.retires_at, sequence = excluded.sequence
        WHERE signing_keys.sequence < excluded.sequence
        """,
        sequence=sequence,
        kids=[key.kid for key in body.keys],
        jwks=[msgspec.json.encode(key.public_jwk).decode() for key in body.keys],
        statuses=[key.status for key in body.keys],
        not_befores=[key.not_before for key in body.keys],
        retirements=[key.retires_at for key in body.keys],
    )
    await tx.execute(
        "UPDATE signing_keys SET status = :withdrawn, sequence = :sequence WHERE sequence < :sequence",
        withdrawn=WITHDRAWN,
        sequence=sequence,
    )


def signing_keys_in(database: Database) -> LoadKeys:
    """A function that reads the keys which may have signed a valid token."""

    async def load() -> list[SigningKey]:
        async with database.reading() as tx:
            rows = await tx.all(
                """
                SELECT kid, public_jwk::text AS public_jwk, status, not_before, retires_at
                FROM signing_keys WHERE status <> :withdrawn
                """,
                withdrawn=WITHDRAWN,
            )
        return [
            SigningKey(
                kid=row.kid,
                public_jwk=msgspec.json.decode(row.public_jwk),
                status=row.status,
                not_before=row.not_before,
                retires_at=row.retires_at,
            )
            for row in rows
        ]

    return load
