"""Tables of the private keys and of the version of their set. The public set of the chassis is kept beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from joserfc.jwk import OKPKey
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.database import Transaction
from cec_chassis.tokens import ALGORITHM, store_signing_keys
from cec_contracts.identity import SIGNING_KEYS_CHANGED
from cec_identity.publishes import SIGNING_KEYS_SUBJECT, signing_keys_news
from cec_identity.sealing import Sealer
from cec_identity.signing_keys.domain import FreshKey, KeyStatus, SigningKey
from cec_identity.tables import metadata

signing_key_pairs = Table(
    "signing_key_pairs",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public_jwk", JSONB, nullable=False),
    Column("private_sealed", LargeBinary),
    Column("status", Text, nullable=False),
    Column("not_before", DateTime(timezone=True), nullable=False),
    Column("retires_at", DateTime(timezone=True)),
    Column("made_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("(status = 'retired') = (private_sealed IS NULL)", name="only_retired_keys_have_no_private_half"),
    Index("one_current_key", "status", unique=True, postgresql_where=text("status = 'current'")),
    Index("one_next_key", "status", unique=True, postgresql_where=text("status = 'next'")),
)
signing_key_set = Table(
    "signing_key_set",
    metadata,
    Column("only_row", Boolean, CheckConstraint("only_row", name="one_row"), primary_key=True),
    Column("version", BigInteger, nullable=False),
)

SELECT = "SELECT kid, CAST(public_jwk AS text) AS jwk, status, not_before, retires_at FROM signing_key_pairs"
INSERT = """
INSERT INTO signing_key_pairs (kid, public_jwk, private_sealed, status, not_before, retires_at, made_at)
VALUES (:kid, CAST(:jwk AS jsonb), :private, :status, :not_before, :retires_at, :now)
"""
MOVE = """
UPDATE signing_key_pairs
SET status = :status, retires_at = :retires_at,
    private_sealed = CASE WHEN :status = 'retired' THEN NULL ELSE private_sealed END
WHERE kid = :kid
"""


class KeyPair(NamedTuple):
    """A new key: the public half, and the private JWK as JSON text."""

    fresh: FreshKey
    private_jwk: bytes


class CurrentKey(NamedTuple):
    """The key that signs now."""

    kid: str
    private_jwk: dict[str, Any]


def new_key_pair() -> KeyPair:
    """An Ed25519 key; its id is the thumbprint of the public half (RFC 7638)."""
    key = OKPKey.generate_key("Ed25519")
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
    return KeyPair(FreshKey(kid, public), msgspec.json.encode(key.as_dict(private=True)))


async def hold_key_set(tx: Transaction) -> int:
    """The version of the set, 0 before the first key. Whoever holds it decides alone until `tx` ends."""
    await tx.execute("INSERT INTO signing_key_set (only_row, version) VALUES (true, 0) ON CONFLICT DO NOTHING")
    return int(await tx.scalar("SELECT version FROM signing_key_set FOR UPDATE"))


async def keys_in_set(tx: Transaction) -> list[SigningKey]:
    """All keys that sign or may have signed a token that still counts."""
    rows = await tx.all(f"{SELECT} WHERE retires_at IS NULL OR retires_at > :now ORDER BY not_before, kid", now=tx.now)
    return [
        SigningKey(
            kid=row.kid,
            public_jwk=msgspec.json.decode(row.jwk),
            status=KeyStatus(row.status),
            not_before=row.not_before,
            retires_at=row.retires_at,
        )
        for row in rows
    ]


async def save_key_set(
    tx: Transaction, keys: Sequence[SigningKey], pairs: Iterable[KeyPair], sealer: Sealer, version: int
) -> None:
    """Saves the set as it now is, under the next version, and tells everybody, our own verifier in this transaction.

    `pairs` are the keys that are new in it. A key that retires loses its private half. `version` is what
    `hold_key_set` gave in this transaction.
    """
    private = {pair.fresh.kid: pair.private_jwk for pair in pairs}
    # Retired first: only one key may be current at any moment.
    for key in sorted(keys, key=lambda key: list(KeyStatus).index(key.status), reverse=True):
        if key.kid not in private:
            await tx.execute(MOVE, kid=key.kid, status=key.status.value, retires_at=key.retires_at)
    for key in keys:
        if key.kid in private:
            await _insert(tx, key, sealer.seal(private[key.kid], belongs_to=key.kid), tx.now)
    await tx.execute("UPDATE signing_key_set SET version = :version", version=version + 1)
    news = signing_keys_news(keys)
    await store_signing_keys(tx, news, version + 1)
    tx.publish(SIGNING_KEYS_CHANGED, subject=SIGNING_KEYS_SUBJECT, sequence=version + 1, body=news)


async def _insert(tx: Transaction, key: SigningKey, private: bytes, now: datetime) -> None:
    await tx.execute(
        INSERT,
        kid=key.kid,
        jwk=msgspec.json.encode(key.public_jwk).decode(),
        private=private,
        status=key.status.value,
        not_before=key.not_before,
        retires_at=key.retires_at,
        now=now,
    )


async def current_key(tx: Transaction, sealer: Sealer) -> CurrentKey:
    """The key that signs. `migrate` made it.

    Raises:
        CannotUnseal: CEC_SECRET_KEY is not the one that sealed it.
    """
    row = await tx.one("SELECT kid, private_sealed FROM signing_key_pairs WHERE status = 'current'")
    return CurrentKey(row.kid, msgspec.json.decode(sealer.open(row.private_sealed, belongs_to=row.kid)))
