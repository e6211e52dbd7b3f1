"""Which committed rows go to the broker next.

Oldest first, and beside the oldest always some of the newest: a person who records one attendance does not wait until a
file of thousands that came before is sent. Two rows of one subject never change places here. What one transaction tells
in bulk waits for single events, and while such come it is sent no faster than `pace` allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from cec_chassis.outbox.pace import Pace

BATCH: Final = 100
"""Half of them the oldest, half the newest; a row that comes while one batch is sent goes with the next."""
BULK: Final = 30
"""More rows of one transaction than these in one batch are bulk, and so is whatever it told besides."""
REMEMBERED: Final = 64
"""Transactions that told in bulk; the last rows of each may stand in a batch with few of their kind."""
SEARCH_SECONDS: Final = 0.5
"""So often, while bulk is being sent, single events are looked for that are neither among the oldest nor among the newest:
whoever commits beside an import may get a position in the midst of its thousands."""

_DUE = "published_at IS NULL AND (next_try_at IS NULL OR next_try_at <= now())"
_FIRST_OF_ITS_SUBJECT = """
    NOT EXISTS (SELECT FROM outbox older
                WHERE older.subject = n.subject AND older.seq < n.seq
                  AND coalesce(older.published_at, 'infinity') = 'infinity')
"""
"""So put, it is looked up by subject; `published_at IS NULL` would have every waiting row read."""
_COLUMNS = """
    seq, recorded_at, id, type, subject, sequence, occurred_at, data::text AS data, traceparent, tracestate,
    correlation_id, causation_id, xid::text AS transaction
"""
CLAIM = f"""
WITH oldest AS (
    SELECT seq, recorded_at FROM outbox WHERE {_DUE} ORDER BY seq LIMIT $1
), newest AS (
    SELECT seq, recorded_at, subject FROM outbox WHERE {_DUE} ORDER BY seq DESC LIMIT $1
), chosen AS (
    SELECT seq, recorded_at FROM oldest
    UNION SELECT seq, recorded_at FROM newest n WHERE {_FIRST_OF_ITS_SUBJECT}
)
SELECT {_COLUMNS}, count(*) OVER (PARTITION BY xid) AS told_at_once FROM outbox JOIN chosen USING (seq, recorded_at) ORDER BY seq
"""
HIDDEN = f"""
WITH hidden AS (
    SELECT seq, recorded_at, subject FROM outbox WHERE {_DUE} AND NOT (xid::text = ANY($2::text[])) ORDER BY seq LIMIT $1
)
SELECT {_COLUMNS}, count(*) OVER (PARTITION BY xid) AS told_at_once
FROM outbox JOIN (SELECT seq, recorded_at FROM hidden n WHERE {_FIRST_OF_ITS_SUBJECT}) AS chosen USING (seq, recorded_at)
ORDER BY seq
"""


@dataclass(slots=True)
class Claims:
    """What the leading relay knows of what waits."""

    pace: Pace = field(default_factory=Pace)
    held_back: bool = False
    """Whether bulk waits that may not be sent yet."""
    _in_bulk: dict[str, None] = field(default_factory=dict)
    _search_at: float = float("-inf")

    async def next(self, database: asyncpg.Connection[asyncpg.Record]) -> list[asyncpg.Record]:
        """Single events first, else in their order. None: nothing waits, or only what is held back."""
        rows = await database.fetch(CLAIM, BATCH // 2)
        self._remember_bulk(rows)
        bulk_from: dict[str, int] = {}
        for row in rows:
            if self.is_bulk(row):
                bulk_from.setdefault(row["subject"], row["seq"])
        # what follows news of the same subject that is bulk waits with it
        bulk = [row for row in rows if row["seq"] >= bulk_from.get(row["subject"], row["seq"] + 1)]
        singles = [row for row in rows if row["seq"] < bulk_from.get(row["subject"], row["seq"] + 1)]
        if bulk and self.pace.now() >= self._search_at:
            singles += await self._hidden(database, {row["seq"] for row in singles})
        chosen = self.pace.choose(singles, bulk)
        self.held_back = len(chosen) < len(singles) + len(bulk)
        return chosen

    async def _hidden(self, database: asyncpg.Connection[asyncpg.Record], known: set[int]) -> list[asyncpg.Record]:
        """A search reads past every row of bulk; behind hundreds of thousands it is made so seldom that it takes a tenth of
        the time at most."""
        begun = self.pace.now()
        while True:
            rows = await database.fetch(HIDDEN, BATCH // 2, list(self._in_bulk))
            if not self._remember_bulk(rows):
                break  # else it was another file between two others, and what it hides is looked for behind it
        ended = self.pace.now()
        self._search_at = ended + max(SEARCH_SECONDS, 9 * (ended - begun))
        return [row for row in rows if row["seq"] not in known]

    def _remember_bulk(self, rows: Sequence[asyncpg.Record]) -> bool:
        """Whether one of them was not known; the one that was seen longest ago is forgotten first."""
        told_in_bulk = {row["transaction"] for row in rows if row["told_at_once"] > BULK}
        new = bool(told_in_bulk - self._in_bulk.keys())
        for transaction in told_in_bulk:
            self._in_bulk.pop(transaction, None)
            self._in_bulk[transaction] = None
        for forgotten in list(self._in_bulk)[:-REMEMBERED]:
            del self._in_bulk[forgotten]
        return new

    def is_bulk(self, row: asyncpg.Record) -> bool:
        """Whether it was told in bulk; known of the rows of `next`."""
        return row["transaction"] in self._in_bulk
