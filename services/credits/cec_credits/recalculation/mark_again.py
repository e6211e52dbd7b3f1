"""``cec_credits recalculate``: marks standings again, after a mend or when the rules themselves have changed.

Facts mark whom they touch by themselves. This is for what no fact tells: an error of ours is mended, or the file of a
rule set says something else than before. The workers do the work; the command only marks, in steps that each commit.
"""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_chassis.service import Runtime
from cec_credits.recalculation import failures
from cec_credits.recalculation.store import Mark, mark
from cec_credits.statements.facts import professions_of

STEP = 5_000
NOBODY = UUID(int=0)

MARK_STEP = """
WITH step AS (
    SELECT practitioner_id, profession FROM standings
    WHERE (practitioner_id, profession) > (CAST(:practitioner AS uuid), CAST(:profession AS text))
    ORDER BY practitioner_id, profession LIMIT :step
), marked AS (
    INSERT INTO dirty_standings AS d (practitioner_id, profession)
    SELECT practitioner_id, profession FROM step ORDER BY 1, 2
    ON CONFLICT (practitioner_id, profession) DO UPDATE SET generation = d.generation + 1
)
SELECT practitioner_id, profession FROM step ORDER BY 1, 2
"""


async def mark_failures(database: Database) -> int:
    """Everybody whose recalculation failed. Returns how many."""
    async with database.transaction() as tx:
        count = await failures.mark_failed(tx)
        tx.audit("standings.marked_again", subject_type="standings", subject_id=new_id(), after={"failed": count})
    return count


async def mark_everybody(database: Database) -> int:
    """Every stored standing, in the order of their keys. Returns how many."""
    count, last = 0, (NOBODY, "")
    while True:
        async with database.transaction() as tx:
            rows = await tx.all(MARK_STEP, practitioner=last[0], profession=last[1], step=STEP)
            count += len(rows)
            if len(rows) < STEP:
                tx.audit("standings.marked_again", subject_type="standings", subject_id=new_id(), after={"all": count})
                return count
        last = (rows[-1].practitioner_id, rows[-1].profession)


async def mark_practitioner(database: Database, practitioner_id: UUID) -> int:
    """One practitioner in every profession they are licensed or certified in, or have records in. Returns how many."""
    async with database.transaction() as tx:
        professions = await professions_of(tx, practitioner_id)
        await mark(tx, [Mark(practitioner_id, profession) for profession in professions])
        tx.audit("standings.marked_again", subject_type="practitioner", subject_id=practitioner_id)
    return len(professions)


async def mark_again(runtime: Runtime, *, everybody: bool, practitioner: UUID | None = None) -> int:
    """Everybody, one practitioner, or those whose recalculation failed. Returns how many."""
    database = runtime.database("cli", 1)
    try:
        if practitioner is not None:
            return await mark_practitioner(database, practitioner)
        return await (mark_everybody if everybody else mark_failures)(database)
    finally:
        await runtime.close()


async def failed(runtime: Runtime, limit: int) -> tuple[int, list[failures.Failure]]:
    """How many recalculations failed, and the newest of them."""
    try:
        async with runtime.database("cli", 1).reading() as tx:
            return await failures.newest(tx, limit)
    finally:
        await runtime.close()
