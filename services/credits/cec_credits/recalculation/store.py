"""The dirty set: practitioners whose statement no longer shows all that is known.

A mark is set in the transaction of the fact it stands for. It must be `ON CONFLICT DO UPDATE`: with DO NOTHING a fact
whose transaction is still open while the worker claims the older mark would be forgotten for ever. With DO UPDATE the
row is locked by the marking transaction, and the worker skips it until that one has committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Table, Text, Uuid, text

from cec_chassis.database import Transaction
from cec_credits.practitioners.merges import merges_of
from cec_credits.recalculation.lanes import FLOOD, Lane
from cec_credits.tables import metadata

dirty_standings = Table(
    "dirty_standings",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("profession", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False, server_default=text("1")),
    Column("since", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("traceparent", Text),
    Column("in_bulk", Boolean, nullable=False, server_default=text("true")),
)
Index("dirty_by_age", dirty_standings.c.since)
Index("dirty_singles", dirty_standings.c.since, postgresql_where=text("NOT in_bulk"))

standings = Table(
    "standings",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("profession", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("changes_on", Date),
    Column("window_since", Date, nullable=False),
    Column("window_end", Date, nullable=False),
    Column("digest", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("computed_at", DateTime(timezone=True), nullable=False),
    Column("computed_by", Uuid, nullable=False),
    Column("book_generation", BigInteger, nullable=False, server_default=text("0")),
)
Index("standings_due", standings.c.changes_on)


class Mark(NamedTuple):
    """One practitioner in one profession, and the trace of what touched them."""

    practitioner_id: UUID
    profession: str
    traceparent: str | None = None


MARK = """
INSERT INTO dirty_standings AS d (practitioner_id, profession, traceparent)
SELECT * FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[]), CAST(:traces AS text[]))
ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE
SET generation = d.generation + 1, traceparent = excluded.traceparent
"""
MARK_PEOPLE = """
INSERT INTO dirty_standings AS d (practitioner_id, profession, traceparent, in_bulk)
SELECT practitioner_id, profession, max(traceparent), CAST(:in_bulk AS boolean) FROM (
    SELECT * FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[]), CAST(:traces AS text[]))
        AS told(practitioner_id, profession, traceparent)
    UNION ALL
    SELECT l.practitioner_id, l.profession, p.traceparent
    FROM unnest(CAST(:people AS uuid[]), CAST(:people_traces AS text[])) AS p(practitioner_id, traceparent)
    JOIN ledger_entries l USING (practitioner_id)
) AS touched
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE
SET generation = d.generation + 1, traceparent = excluded.traceparent, in_bulk = d.in_bulk AND excluded.in_bulk
"""
MARK_ATTENDANCES = """
INSERT INTO dirty_standings AS d (practitioner_id, profession, traceparent, in_bulk)
SELECT l.practitioner_id, l.profession, max(a.traceparent), CAST(:in_bulk AS boolean)
FROM unnest(CAST(:attendances AS uuid[]), CAST(:traces AS text[])) AS a(attendance_id, traceparent)
JOIN ledger_entries l USING (attendance_id)
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE
SET generation = d.generation + 1, traceparent = excluded.traceparent, in_bulk = d.in_bulk AND excluded.in_bulk
"""
MARK_COURSES = """
INSERT INTO dirty_standings AS d (practitioner_id, profession, traceparent, in_bulk)
SELECT practitioner_id, profession, CAST(:traceparent AS text),
       CAST(:in_bulk AS boolean) OR count(*) OVER () >= :many
FROM (SELECT DISTINCT practitioner_id, profession FROM ledger_entries WHERE course_id = ANY(CAST(:courses AS uuid[]))) AS l
ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE
SET generation = d.generation + 1, traceparent = excluded.traceparent, in_bulk = d.in_bulk AND excluded.in_bulk
"""
MARK_DUE = """
WITH rules_began AS (
    DELETE FROM awaited_standings WHERE (practitioner_id, profession) IN (
        SELECT practitioner_id, profession FROM awaited_standings WHERE due_on <= :today
        ORDER BY 1, 2 LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING practitioner_id, profession
), due AS (
    SELECT s.practitioner_id, s.profession FROM standings s
    WHERE s.changes_on <= :today
      AND NOT EXISTS (SELECT FROM dirty_standings d
                      WHERE d.practitioner_id = s.practitioner_id AND d.profession = s.profession)
      AND NOT EXISTS (SELECT FROM recalculation_failures f
                      WHERE f.practitioner_id = s.practitioner_id AND f.profession = s.profession)
    ORDER BY s.changes_on LIMIT :limit
)
INSERT INTO dirty_standings AS d (practitioner_id, profession)
SELECT practitioner_id, profession FROM rules_began UNION SELECT practitioner_id, profession FROM due
ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE SET generation = d.generation + 1
"""
_CLAIM = """
WITH oldest AS (
    SELECT practitioner_id, profession FROM dirty_standings
    WHERE {of_the_lane} AND since <= clock_timestamp() - CAST(:patience AS interval)
    ORDER BY since LIMIT :limit FOR UPDATE SKIP LOCKED
)
DELETE FROM dirty_standings d USING oldest o
WHERE d.practitioner_id = o.practitioner_id AND d.profession = o.profession
RETURNING d.practitioner_id, d.profession, d.traceparent
"""
CLAIM_SINGLES = _CLAIM.format(of_the_lane="NOT in_bulk")
CLAIM_BULK = _CLAIM.format(of_the_lane="in_bulk")
"""Two texts: a plan kept for both would find single facts only by walking past everything that an import has marked."""


async def mark(tx: Transaction, marks: Iterable[Mark]) -> None:
    """These must be recalculated. Rows are locked in key order, so two batches cannot deadlock here."""
    distinct = {(m.practitioner_id, m.profession): m for m in marks}
    if not distinct:
        return
    await tx.execute(
        MARK,
        practitioners=[m.practitioner_id for m in distinct.values()],
        professions=[m.profession for m in distinct.values()],
        traces=[m.traceparent for m in distinct.values()],
    )


async def pass_on(tx: Transaction, marks: Sequence[Mark]) -> None:
    """What was marked under a former record concerns the survivor: it is marked as well, in place of every statement that
    marks having to know. A fact may commit beside the news of the merge, and each may know nothing of the other; whoever
    claims the mark of that fact knows both."""
    into = (await merges_of(tx, [m.practitioner_id for m in marks])).into
    await mark(
        tx,
        [Mark(into[m.practitioner_id], m.profession, m.traceparent) for m in marks if m.practitioner_id in into],
    )


async def mark_people(tx: Transaction, marks: Sequence[Mark], people: Mapping[UUID, str | None]) -> None:
    """These, and whatever `people` (with the trace of each) have in the ledger: their entries may have come before
    they did, under a profession that the registry no longer gives them. One statement, for the order of the locks."""
    await tx.execute(
        MARK_PEOPLE,
        practitioners=[m.practitioner_id for m in marks],
        professions=[m.profession for m in marks],
        traces=[m.traceparent for m in marks],
        people=list(people),
        people_traces=list(people.values()),
        in_bulk=tx.context.in_bulk,
    )


async def mark_attendances(tx: Transaction, attendances: Sequence[UUID], traces: Sequence[str | None]) -> None:
    """Whoever these attendances belong to, and in every profession they ever stood under: a correction may move one."""
    await tx.execute(MARK_ATTENDANCES, attendances=list(attendances), traces=list(traces), in_bulk=tx.context.in_bulk)


async def mark_courses(tx: Transaction, courses: Sequence[UUID], traceparent: str | None) -> None:
    """Everybody who has anything to do with these courses must be recalculated; a few of them as single facts are, unless the
    approval itself came in bulk."""
    bulk = tx.context.in_bulk
    await tx.execute(MARK_COURSES, courses=list(courses), traceparent=traceparent, in_bulk=bulk, many=FLOOD)


async def claim(tx: Transaction, lane: Lane) -> list[Mark]:
    """Takes the oldest marks of the lane out, at most a batch; those of open transactions are left for the next time, and
    in a flood those that have not waited long enough for more of their practitioner."""
    sql = CLAIM_BULK if lane.in_bulk else CLAIM_SINGLES
    rows = await tx.all(sql, limit=lane.batch, patience=lane.patience)
    return [Mark(row.practitioner_id, row.profession, row.traceparent) for row in rows]
