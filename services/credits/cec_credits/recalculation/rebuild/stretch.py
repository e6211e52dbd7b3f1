"""One stretch of practitioners: claimed, computed and written to the new table in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cec_chassis.clock import taipei_date
from cec_chassis.database import Database, Transaction
from cec_chassis.ids import new_id
from cec_credits.recalculation import failures
from cec_credits.recalculation.awaited import wait_for_rules
from cec_credits.recalculation.compute import Awaited, Failed, standings_of
from cec_credits.recalculation.rebuild.everybody import Everybody, Stored
from cec_credits.recalculation.standings import NewStanding
from cec_credits.rulesets.edition import Rules

ALONE_ON_ITS_CORE = """
SELECT set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
       set_config('synchronous_commit', 'off', true)
"""
"""As many processes as cores compute already; compiling or dividing a query of a quarter of a second costs more than it.
Nobody reads the new table before the switch, whose commit waits for the disk, and so for everything before it."""
CLAIM = """
SELECT c.number, c.through,
       coalesce((SELECT p.through FROM rebuild_chunks p WHERE p.number = c.number - 1), CAST(:nobody AS uuid)) AS after
FROM rebuild_chunks c WHERE c.done_at IS NULL ORDER BY c.number LIMIT 1 FOR UPDATE OF c SKIP LOCKED
"""
DONE = """
UPDATE rebuild_chunks SET standings = :standings, failed = :failed, done_at = clock_timestamp() WHERE number = :number
"""
COLUMNS = (
    *("practitioner_id", "profession", "version", "as_of", "changes_on", "window_since", "window_end", "digest"),
    *("summary", "computed_at", "computed_by", "book_generation"),
)
UNTOLD = ""
"""In place of a digest: this answer differs from the one that stood, and nobody has been told yet."""
NEW = Stored(0, UNTOLD)


async def next_stretch(database: Database, rules: Rules, everybody: Everybody) -> bool:
    """False when no stretch is left that nobody works at."""
    failed: list[Failed] = []
    awaited: list[Awaited] = []
    async with database.transaction() as tx:
        await tx.execute(ALONE_ON_ITS_CORE)
        chunk = await tx.one_or_none(CLAIM, nobody=UUID(int=0))
        if chunk is None:
            return False
        edition = await rules.edition(tx)
        cases, stored = await everybody.between(tx, chunk.after, chunk.through, taipei_date(tx.now))
        last = (tx.now, new_id(), edition.generation)
        rows = [
            (*_row(each, stored.get(each.key, NEW)), *last)
            for each in standings_of(cases, edition.book, failed, awaited)
        ]
        await _write(tx, rows)
        await failures.record(tx, failed)
        await wait_for_rules(tx, awaited)
        await tx.execute(DONE, number=chunk.number, standings=len(rows), failed=len(failed))
    return True


def _row(found: NewStanding, before: Stored) -> tuple[object, ...]:
    """An answer that differs keeps the version that stood: recalculation counts it on when it tells the news."""
    statement = found.statement
    return (
        *found.key,
        before.version,
        statement.case.as_of,
        found.changes_on,
        statement.window.since,
        statement.closing,
        found.digest if found.digest == before.digest else UNTOLD,
        found.text.decode(),
    )


async def _write(tx: Transaction, rows: Sequence[tuple[object, ...]]) -> None:
    """By COPY, which is half the work of an INSERT for PostgreSQL and for us; in the same transaction."""
    driver = (await tx.connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.copy_records_to_table("standings_rebuilding", records=rows, columns=COLUMNS)
