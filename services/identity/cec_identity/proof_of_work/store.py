"""Tables of spent proofs and of attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, Text

from cec_chassis.database import Transaction
from cec_identity.tables import metadata

spent_proofs = Table(
    "spent_proofs",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("spent_proofs_by_expiry", "expires_at"),
)
attempts = Table(
    "attempts",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    Column("window_end", DateTime(timezone=True), nullable=False),
    Column("count", Integer, nullable=False),
    Index("attempts_by_window", "window_end"),
)

COUNT = """
INSERT INTO attempts AS known (purpose, subject, window_end, count) VALUES (:purpose, :subject, :window_end, 1)
ON CONFLICT (purpose, subject) DO UPDATE
SET count = CASE WHEN known.window_end <= :now THEN 1 ELSE known.count + 1 END,
    window_end = CASE WHEN known.window_end <= :now THEN excluded.window_end ELSE known.window_end END
RETURNING count AS tried, window_end
"""


async def spend(tx: Transaction, nonce: str, expires_at: datetime) -> bool:
    """False when the proof was spent before."""
    row = await tx.one_or_none(
        "INSERT INTO spent_proofs (nonce, expires_at) VALUES (:nonce, :expires_at) ON CONFLICT DO NOTHING RETURNING nonce",
        nonce=nonce,
        expires_at=expires_at,
    )
    return row is not None


async def count_attempt(tx: Transaction, purpose: str, subject: bytes, window_end: datetime) -> tuple[int, datetime]:
    """One more; how many there are now in the window, and when it ends. A window that is over begins anew."""
    row = await tx.one(COUNT, purpose=purpose, subject=subject, window_end=window_end, now=tx.now)
    return row.tried, row.window_end


async def forget_attempts(tx: Transaction, purpose: str, subject: bytes) -> None:
    """They have shown who they are; what went wrong before does not count any more."""
    await tx.execute(
        "DELETE FROM attempts WHERE purpose = :purpose AND subject = :subject", purpose=purpose, subject=subject
    )


async def forget_expired(tx: Transaction) -> int:
    """Removes proofs that could not be spent any more anyway, and windows that are over."""
    spent = await tx.execute("DELETE FROM spent_proofs WHERE expires_at < :now", now=tx.now)
    tried = await tx.execute("DELETE FROM attempts WHERE window_end < :now", now=tx.now)
    return int(spent.rowcount) + int(tried.rowcount)
