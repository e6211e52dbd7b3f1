"""The new table: made beside the old one, and put in its place in one transaction.

From the first moment to the switch a trigger notes every standing that live work stores. Those are taken over from the old
table: each was computed from facts at least as new as ours, or has a mark that waits. So nothing that happens during a
rebuild is lost, and nothing has to wait for it.
"""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_chassis.database.schema import statements
from cec_credits.recalculation.rebuild.stretch import UNTOLD
from cec_credits.recalculation.store import standings

COLUMNS = ", ".join(column.name for column in standings.columns)

PATIENCE = "SET LOCAL statement_timeout = '15min'"
"""For a million rows; the tables of a service have a shorter patience otherwise."""
CLEAR = """
DROP TRIGGER IF EXISTS touched_by_insert ON standings;
DROP TRIGGER IF EXISTS touched_by_update ON standings;
DROP TABLE IF EXISTS standings_rebuilding;
TRUNCATE rebuild_chunks, rebuild_touched;
"""
BEGIN = """
CREATE TABLE standings_rebuilding (LIKE standings INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TRIGGER touched_by_insert AFTER INSERT ON standings
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION note_touched_standings();
CREATE TRIGGER touched_by_update AFTER UPDATE ON standings
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION note_touched_standings();
"""
PLAN = """
INSERT INTO rebuild_chunks (number, through)
SELECT DISTINCT ON (number) number, practitioner_id
FROM (
    SELECT practitioner_id, (row_number() OVER (ORDER BY practitioner_id) - 1) / CAST(:size AS integer) AS number
    FROM practitioners
) AS numbered
ORDER BY number, practitioner_id DESC
"""
FINISH = """
ALTER TABLE standings_rebuilding ADD CONSTRAINT standings_rebuilding_pkey PRIMARY KEY (practitioner_id, profession);
CREATE INDEX standings_rebuilding_due ON standings_rebuilding (changes_on);
ANALYZE standings_rebuilding;
"""
LOCK = """
SET LOCAL lock_timeout = '5s';
LOCK TABLE dirty_standings IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE standings IN ACCESS EXCLUSIVE MODE;
"""
TAKE_OVER = f"""
DELETE FROM standings_rebuilding r USING rebuild_touched t
WHERE r.practitioner_id = t.practitioner_id AND r.profession = t.profession;
INSERT INTO standings_rebuilding ({COLUMNS})
SELECT {COLUMNS} FROM standings s
WHERE NOT EXISTS (SELECT FROM standings_rebuilding r
                  WHERE r.practitioner_id = s.practitioner_id AND r.profession = s.profession);
"""
MARK_UNTOLD = """
INSERT INTO dirty_standings AS d (practitioner_id, profession)
SELECT practitioner_id, profession FROM standings_rebuilding WHERE digest = :untold ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE SET generation = d.generation + 1
"""
SWITCH = """
DROP TABLE standings;
ALTER TABLE standings_rebuilding RENAME TO standings;
ALTER TABLE standings RENAME CONSTRAINT standings_rebuilding_pkey TO standings_pkey;
ALTER INDEX standings_rebuilding_due RENAME TO standings_due;
TRUNCATE rebuild_touched;
"""


async def begin(tx: Transaction, size: int) -> int:
    """Makes the new table, starts noting what live work touches, and plans stretches of `size`. Returns how many."""
    await _run(tx, CLEAR)
    await _run(tx, BEGIN)
    return (await tx.execute(PLAN, size=size)).rowcount


async def finish(tx: Transaction) -> None:
    """The keys of the new table, made once it is full: that is faster than keeping them while it fills."""
    await _run(tx, FINISH)


async def switch(tx: Transaction) -> int:
    """Puts the new table in the place of the old one; readers wait for the commit and no longer.

    Facts and recalculation take marks before standings, and so do we: nobody can wait for us and we for them. Returns how
    many standings differ from what stood and are marked, so that recalculation tells the news of each.
    """
    await _run(tx, LOCK)
    await _run(tx, TAKE_OVER)
    differing = (await tx.execute(MARK_UNTOLD, untold=UNTOLD)).rowcount
    await _run(tx, SWITCH)
    return differing


async def abandon(tx: Transaction) -> None:
    """As if nothing had been begun."""
    await _run(tx, CLEAR)


async def _run(tx: Transaction, script: str) -> None:
    await tx.execute(PATIENCE)
    for statement in statements(script):
        await tx.execute(statement)
