"""Table `standings`: of each practitioner and profession, whether the requirement is met, as credits last told.

Points stay with credits; who counts people needs none of them. A record that was merged into another one is kept, and
counted under that one only.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import TIMESTAMP, BigInteger, Boolean, Column, Date, Index, Table, Text, Uuid, text

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.credits import Standing
from cec_reporting.standings.domain import closed_on
from cec_reporting.tables import metadata

standings = Table(
    "standings",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("profession", Text, primary_key=True),
    Column("closed_on", Date),
    Column("met", Boolean, nullable=False),
    Column("merged", Boolean, nullable=False, server_default=text("false")),
    Column("sequence", BigInteger, nullable=False),
    Column("event_at", TIMESTAMP(timezone=True), nullable=False),
    # All that a count reads, so that it need not visit the table.
    Index("standings_counted", "profession", "closed_on", "met", postgresql_where=text("NOT merged")),
    Index("standings_by_event", "event_at"),
)

KEEP_STANDINGS = """
INSERT INTO standings (practitioner_id, profession, closed_on, met, merged, sequence, event_at)
SELECT * FROM unnest(
    CAST(:practitioner_ids AS uuid[]), CAST(:professions AS text[]), CAST(:closed AS date[]), CAST(:met AS boolean[]),
    CAST(:merged AS boolean[]), CAST(:sequences AS bigint[]), CAST(:event_ats AS timestamptz[]))
    AS news (practitioner_id, profession)
ORDER BY practitioner_id, profession
ON CONFLICT (practitioner_id, profession) DO UPDATE SET
    closed_on = excluded.closed_on, met = excluded.met, merged = excluded.merged,
    sequence = excluded.sequence, event_at = excluded.event_at
WHERE standings.sequence < excluded.sequence
"""


async def keep_standings(tx: Transaction, news: Sequence[Received[Standing]]) -> None:
    """Takes in at most one piece of news for each practitioner and profession; older than we have changes nothing."""
    told = [event.body for event in news]
    await tx.execute(
        KEEP_STANDINGS,
        practitioner_ids=[standing.practitioner_id for standing in told],
        professions=[standing.profession for standing in told],
        closed=[closed_on(standing) for standing in told],
        met=[standing.met for standing in told],
        merged=[standing.merged_into is not None for standing in told],
        sequences=[event.sequence for event in news],
        event_ats=[event.time for event in news],
    )
