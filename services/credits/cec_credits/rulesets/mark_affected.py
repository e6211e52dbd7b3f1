"""After a publication: marks everybody in the professions it changed, in steps of one statement that each commit.

How far the marking has come stands in `rule_changes`, so a worker that dies in the middle costs nothing, and several
replicas share no step. Until somebody's turn comes their stored standing is known to be outdated by its generation.
"""

from __future__ import annotations

import asyncio

from cec_chassis.database import Database

STEP = 2_000
"""Practitioners looked at in one statement."""

MARK_STEP = """
WITH moving AS (
    SELECT profession, marked_through, newcomers FROM rule_changes
    WHERE marked_through = (
        SELECT marked_through FROM rule_changes WHERE marked_through IS NOT NULL ORDER BY marked_through LIMIT 1)
    ORDER BY profession FOR UPDATE SKIP LOCKED
), people AS (
    SELECT practitioner_id, licences || certificates AS held FROM practitioners
    WHERE practitioner_id > (SELECT marked_through FROM moving LIMIT 1)
    ORDER BY practitioner_id LIMIT :step
), affected AS (
    SELECT s.practitioner_id, s.profession
    FROM standings s JOIN people USING (practitioner_id) JOIN moving USING (profession)
    UNION
    SELECT p.practitioner_id, m.profession
    FROM people p CROSS JOIN LATERAL jsonb_array_elements(p.held) AS one JOIN moving m ON m.profession = one ->> 'profession'
    UNION
    SELECT l.practitioner_id, l.profession
    FROM ledger_entries l JOIN people USING (practitioner_id) JOIN moving m ON m.profession = l.profession AND m.newcomers
    WHERE EXISTS (SELECT FROM moving WHERE newcomers)
), marked AS (
    INSERT INTO dirty_standings AS d (practitioner_id, profession)
    SELECT practitioner_id, profession FROM affected ORDER BY 1, 2
    ON CONFLICT (practitioner_id, profession) DO UPDATE SET generation = d.generation + 1
)
UPDATE rule_changes c
SET marked_through = (SELECT practitioner_id FROM people ORDER BY practitioner_id DESC LIMIT 1)
FROM moving m WHERE c.profession = m.profession
RETURNING c.profession
"""


async def mark_affected(database: Database, stop: asyncio.Event, step: int = STEP) -> int:
    """Until nobody is left to be marked, or another replica is at it. Returns how many steps it took."""
    steps = 0
    while not stop.is_set():
        async with database.transaction() as tx:
            if not await tx.all(MARK_STEP, step=step):
                return steps
        steps += 1
    return steps
