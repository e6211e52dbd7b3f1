"""Which committed rows go to the broker next.

Single events first, oldest first; then bulk, oldest first, and while single events come no faster than `pace` allows. So a
person who records one attendance does not wait until a file of thousands that came before is sent. A single event waits for
older bulk of its own subject; later bulk of that subject does not wait for it. Between lanes `sequence` settles it as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import asyncpg

from cec_chassis.outbox.pace import Pace

BATCH: Final = 100
"""Of either kind; a row that comes while one batch is sent goes with the next."""
FRESH_SECONDS: Final = 2
"""Behind a single event that is no older sits perhaps somebody who wants to see it; bulk makes way for those."""

_DUE = "published_at IS NULL AND (next_try_at IS NULL OR next_try_at <= now())"
_OLDER = """
    SELECT FROM outbox older
    WHERE older.subject = n.subject AND older.seq < n.seq AND coalesce(older.published_at, 'infinity') = 'infinity'
      AND older.next_try_at IS NULL
"""
"""So put, it is looked up by subject; `published_at IS NULL` would have every waiting row read. What the broker has refused once
holds up nothing later."""
CLAIM = f"""
WITH single AS (
    SELECT seq, recorded_at FROM outbox n
    WHERE {_DUE} AND NOT bulk AND NOT EXISTS ({_OLDER} AND older.bulk)
    ORDER BY seq LIMIT $1
), heap AS (
    SELECT seq, recorded_at FROM outbox n
    WHERE {_DUE} AND bulk AND ((SELECT count(*) FROM single) < $1 OR NOT EXISTS ({_OLDER} AND NOT older.bulk))
    ORDER BY seq LIMIT $1
)
SELECT seq, recorded_at, id, type, subject, sequence, occurred_at, data::text AS data, traceparent, tracestate,
       correlation_id, causation_id, bulk, recorded_at > now() - interval '{FRESH_SECONDS} seconds' AS fresh
FROM outbox JOIN (SELECT * FROM single UNION ALL SELECT * FROM heap) AS chosen USING (seq, recorded_at)
ORDER BY seq
"""
"""Where fewer single events may go than a batch takes, all of them are in it, and bulk need not ask for older ones."""


@dataclass(slots=True)
class Claims:
    """What the leading relay takes next."""

    pace: Pace = field(default_factory=Pace)
    held_back: bool = False
    """Whether bulk waits that may not be sent yet."""

    async def next(self, database: asyncpg.Connection[asyncpg.Record]) -> list[asyncpg.Record]:
        """Single events, then bulk, each in its order. None: nothing waits, or only what is held back."""
        rows = await database.fetch(CLAIM, BATCH)
        singles = [row for row in rows if not row["bulk"]]
        heap = [row for row in rows if row["bulk"]]
        chosen = self.pace.choose(singles, heap, fresh=any(row["fresh"] for row in singles))
        self.held_back = len(chosen) < len(rows)
        return chosen
