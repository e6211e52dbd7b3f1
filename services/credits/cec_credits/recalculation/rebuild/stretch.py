"""One stretch of practitioners: claimed, computed and written to the new table in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cec_chassis.clock import taipei_date
from cec_chassis.database import Database, Transaction
from cec_chassis.ids import new_id
from cec_credits.recalculation import failures
from cec_credits.recalculation.awaited import wait_for_rules
from cec_credits.recalculation.compute import compute
from cec_credits.recalculation.rebuild.everybody import Everybody, Stored
from cec_credits.recalculation.standings import NewStanding
from cec_credits.rulesets.edition import Rules
from cec_credits.statements.facts import Key
from cec_credits.statements.summary import window_end

ALONE_ON_ITS_CORE = "SELECT set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
"""As many processes as cores compute already; compiling or dividing a query of a quarter of a second costs more than it."""
CLAIM = """
SELECT c.number, c.through,
       coalesce((SELECT p.through FROM rebuild_chunks p WHERE p.number = c.number - 1), CAST(:nobody AS uuid)) AS after
FROM rebuild_chunks c WHERE c.done_at IS NULL ORDER BY c.number LIMIT 1 FOR UPDATE OF c SKIP LOCKED
"""
DONE = """
UPDATE rebuild_chunks SET standings = :standings, failed = :failed, done_at = clock_timestamp() WHERE number = :number
"""
WRITE = """
INSERT INTO standings_rebuilding (practitioner_id, profession, version, as_of, changes_on, window_since, window_end,
                                  digest, summary, computed_at, computed_by, book_generation)
SELECT u.*, CAST(:now AS timestamptz), CAST(:run AS uuid), CAST(:generation AS bigint)
FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[]), CAST(:versions AS bigint[]),
            CAST(:days AS date[]), CAST(:changes AS date[]), CAST(:since AS date[]), CAST(:ends AS date[]),
            CAST(:digests AS text[]), CAST(:summaries AS text[])) AS u
"""
UNTOLD = ""
"""In place of a digest: this answer differs from the one that stood, and nobody has been told yet."""
NEW = Stored(0, UNTOLD)


async def next_stretch(database: Database, rules: Rules, everybody: Everybody) -> bool:
    """False when no stretch is left that nobody works at."""
    async with database.transaction() as tx:
        await tx.execute(ALONE_ON_ITS_CORE)
        chunk = await tx.one_or_none(CLAIM, nobody=UUID(int=0))
        if chunk is None:
            return False
        edition = await rules.edition(tx)
        cases, stored = await everybody.between(tx, chunk.after, chunk.through, taipei_date(tx.now))
        computed = compute(cases, edition.book)
        await _write(tx, computed.found, stored, edition.generation)
        await failures.record(tx, computed.failed)
        await wait_for_rules(tx, computed.awaited)
        await tx.execute(DONE, number=chunk.number, standings=len(computed.found), failed=len(computed.failed))
    return True


async def _write(tx: Transaction, found: Sequence[NewStanding], stored: dict[Key, Stored], generation: int) -> None:
    """An answer that differs keeps the version that stood: recalculation counts it on when it tells the news."""
    if not found:
        return
    before = [stored.get(each.key, NEW) for each in found]
    await tx.execute(
        WRITE,
        practitioners=[each.key[0] for each in found],
        professions=[each.key[1] for each in found],
        versions=[each.version for each in before],
        days=[each.statement.case.as_of for each in found],
        changes=[each.changes_on for each in found],
        since=[each.statement.window.since for each in found],
        ends=[window_end(each.statement) for each in found],
        digests=[each.digest if each.digest == old.digest else UNTOLD for each, old in zip(found, before, strict=True)],
        summaries=[each.text for each in found],
        now=tx.now,
        run=new_id(),
        generation=generation,
    )
