"""How fresh the figures are: everything here was told by events, and the newest one taken in has a time."""

from __future__ import annotations

from datetime import datetime

from cec_chassis.database import Transaction

# A look for each table at the end of its index. A counter row would be cheaper to read, and every replica would wait for it.
AS_OF = """
SELECT greatest((SELECT max(event_at) FROM activities), (SELECT max(event_at) FROM cases),
                (SELECT max(event_at) FROM courses), (SELECT max(event_at) FROM attendances),
                (SELECT max(event_at) FROM standings), (SELECT max(event_at) FROM accounts))
"""


async def as_of(tx: Transaction) -> datetime | None:
    """When the newest event that we have taken in happened; None before the first one."""
    at: datetime | None = await tx.scalar(AS_OF)
    return at
