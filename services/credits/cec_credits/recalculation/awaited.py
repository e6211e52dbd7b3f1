"""Who waits for the first rules of their profession: they have no standing that could fall due, so a row waits for them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Date, Index, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_credits.recalculation.compute import Awaited
from cec_credits.tables import metadata

awaited_standings = Table(
    "awaited_standings",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("profession", Text, primary_key=True),
    Column("due_on", Date, nullable=False),
)
Index("awaited_by_day", awaited_standings.c.due_on)

AWAIT = """
INSERT INTO awaited_standings (practitioner_id, profession, due_on)
SELECT * FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[]), CAST(:days AS date[]))
ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE SET due_on = excluded.due_on
"""


async def wait_for_rules(tx: Transaction, awaited: Sequence[Awaited]) -> None:
    """They are marked on their day; see `MARK_DUE`."""
    if awaited:
        await tx.execute(
            AWAIT,
            practitioners=[each.practitioner_id for each in awaited],
            professions=[each.profession for each in awaited],
            days=[each.due_on for each in awaited],
        )
