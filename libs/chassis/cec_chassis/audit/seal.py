"""Chains what has been committed. One sealer at a time; the writers know nothing of it.

A row is sealed when it is seen, and found by standing on the list of the unsealed: a transaction that commits late has
an early row, which a position in the log would pass over for ever.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import structlog

from cec_chassis.audit.chain import BEGINNING, COLUMNS, links
from cec_chassis.database.engine import Database
from cec_chassis.database.transaction import Transaction

SEALER_LOCK: Final = 0x0CEC_0003
BATCH: Final = 1_000

TAKE = f"""
WITH taken AS (
    DELETE FROM audit_unsealed WHERE ctid = ANY (ARRAY(SELECT ctid FROM audit_unsealed LIMIT :batch)) RETURNING entry_id)
SELECT taken.entry_id, {COLUMNS} FROM taken LEFT JOIN audit_log AS entry ON entry.id = taken.entry_id
ORDER BY taken.entry_id
"""
HEAD = "SELECT position, hash, sealed_at FROM audit_seals ORDER BY position DESC LIMIT 1"
SEAL = """
INSERT INTO audit_seals (position, entry_id, hash, sealed_at)
SELECT CAST(:position AS bigint) + ordinal, entry_id, hash, :now
FROM unnest(CAST(:entries AS uuid[]), CAST(:hashes AS bytea[])) WITH ORDINALITY AS sealed (entry_id, hash, ordinal)
"""

log = structlog.get_logger(__name__)


class Head(NamedTuple):
    """The newest seal. Position 0 is an empty chain."""

    position: int
    hash: bytes
    sealed_at: datetime


async def head_of(tx: Transaction) -> Head:
    """Where the chain ends."""
    row = await tx.one_or_none(HEAD)
    return Head(0, BEGINNING, tx.now) if row is None else Head(row.position, row.hash, row.sealed_at)


async def seal_some(database: Database, batch: int = BATCH) -> int | None:
    """Seals up to `batch` rows and says how many; None while somebody else is at it."""
    async with database.housekeeping() as tx:
        if not await tx.scalar("SELECT EXISTS (SELECT FROM audit_unsealed)"):
            return 0
        if not await lead(tx):
            return None
        # A statement of its own, after the lock: its snapshot has whatever the sealer before us committed.
        head = await head_of(tx)
        rows = await tx.all(TAKE, batch=batch)
        if not rows:
            return 0
        for row in rows:
            if row.id is None:
                log.error("audit.row_gone", entry_id=str(row.entry_id))
        hashes = links(head.hash, rows)
        entries = [row.entry_id for row in rows]
        await tx.execute(SEAL, position=head.position, entries=entries, hashes=hashes, now=tx.now)
    return len(rows)


async def lead(tx: Transaction) -> bool:
    """Whether `tx` is the service's sealer until it ends."""
    return bool(await tx.scalar("SELECT pg_try_advisory_xact_lock(:lock)", lock=SEALER_LOCK))
