"""Reconciliation: stored standings are computed anew from the facts and compared, a few each minute, round and round.

Recalculation depends on marks. Should a mark ever be missed, nobody would notice from the standing itself; this does.
A difference is an error of ours: it is logged, counted, reported, and the standing marked. What is marked already, is due
by the calendar, or was computed by an older book is about to change anyway and is passed over.

The rows being compared are locked. A fact that commits meanwhile brings its mark along, and nobody can work that mark in
before we have ended: a difference with a mark beside it is news under way, and no difference.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import structlog

from cec_chassis.clock import taipei_date
from cec_chassis.database import Database, Transaction
from cec_chassis.ids import new_id
from cec_chassis.telemetry import counter
from cec_credits.recalculation.compute import compute
from cec_credits.recalculation.reports import Difference, add_report
from cec_credits.recalculation.standings import NewStanding
from cec_credits.recalculation.store import Mark, mark
from cec_credits.rulesets.edition import Rules
from cec_credits.statements.facts import load_cases

SAMPLE = 200
"""A minute; a million standings come round in three and a half days."""

ONLY_ONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('cec_credits.reconciliation', 3)) AS ours"
MARKS_BEFORE_STANDINGS = "LOCK TABLE dirty_standings IN ROW EXCLUSIVE MODE"
"""The order in which everybody takes the two tables, so that a rebuild that locks them whole cannot deadlock with us."""
PROGRESS = "SELECT through_practitioner, through_profession FROM reconciliation_progress FOR UPDATE"
STANDINGS = """
SELECT practitioner_id, profession, digest, summary
FROM standings s
WHERE (practitioner_id, profession) > (CAST(:practitioner AS uuid), CAST(:profession AS text))
  AND (changes_on IS NULL OR changes_on > :today)
  AND NOT EXISTS (SELECT FROM dirty_standings d
                  WHERE d.practitioner_id = s.practitioner_id AND d.profession = s.profession)
  AND NOT EXISTS (SELECT FROM rule_changes r WHERE r.profession = s.profession AND r.generation > s.book_generation)
ORDER BY practitioner_id, profession LIMIT :limit FOR UPDATE OF s SKIP LOCKED
"""
MARKED = """
SELECT practitioner_id, profession FROM dirty_standings
WHERE (practitioner_id, profession) IN (
    SELECT * FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[])))
"""
ADVANCE = """
UPDATE reconciliation_progress
SET through_practitioner = :practitioner, through_profession = :profession, checked = checked + :checked,
    differing = differing + :differing, last_run_at = :now, round = round + CASE WHEN :ended THEN 1 ELSE 0 END,
    last_round_ended_at = CASE WHEN :ended THEN CAST(:now AS timestamptz) ELSE last_round_ended_at END
"""

log = structlog.get_logger(__name__)
checked = counter("cec.reconciliation.checked", unit="{standing}", description="standings compared with the facts")
differing = counter(
    "cec.reconciliation.differing", unit="{standing}", description="standings that differed from the facts"
)


class Outcome(msgspec.Struct, frozen=True):
    """How many standings were compared, and which differed."""

    checked: int
    differences: list[Difference]


async def reconcile(database: Database, rules: Rules, sample: int = SAMPLE) -> Outcome:
    """The next `sample` standings in the order of their keys; after the last the first. One replica at a time."""
    async with database.transaction() as tx:
        if not (await tx.one(ONLY_ONE)).ours:
            return Outcome(0, [])
        await tx.execute(MARKS_BEFORE_STANDINGS)
        edition = await rules.held(tx)
        today = taipei_date(tx.now)
        last = await tx.one(PROGRESS)
        stored = await tx.all(
            STANDINGS,
            practitioner=last.through_practitioner,
            profession=last.through_profession,
            today=today,
            limit=sample,
        )
        cases = await load_cases(tx, [(row.practitioner_id, row.profession) for row in stored], today)
        computed = {each.key: each for each in compute(cases, edition.book).found}
        differences = await _still(tx, [d for row in stored if (d := _difference(row, computed)) is not None])
        await _report(tx, len(stored), differences)
        await _advance(tx, stored, sample, len(differences))
    checked.add(len(stored))
    differing.add(len(differences))
    return Outcome(len(stored), differences)


def _difference(row: Any, computed: dict[tuple[UUID, str], NewStanding]) -> Difference | None:
    """None when the stored answer is that of the facts, or there is nobody left to compute it for."""
    now = computed.get((row.practitioner_id, row.profession))
    if now is None or now.digest == row.digest:
        return None
    before, after = msgspec.json.decode(row.summary), msgspec.json.decode(now.text)
    fields = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    return Difference(row.practitioner_id, row.profession, row.digest, now.digest, fields)


async def _still(tx: Transaction, differences: list[Difference]) -> list[Difference]:
    """Those that no mark explains."""
    if not differences:
        return []
    rows = await tx.all(
        MARKED,
        practitioners=[each.practitioner_id for each in differences],
        professions=[each.profession for each in differences],
    )
    marked = {(row.practitioner_id, row.profession) for row in rows}
    return [each for each in differences if (each.practitioner_id, each.profession) not in marked]


async def _report(tx: Transaction, compared: int, differences: list[Difference]) -> None:
    if not differences:
        return
    for each in differences:
        log.error(
            "reconciliation.differs",
            practitioner=str(each.practitioner_id),
            profession=each.profession,
            fields=each.fields,
        )
    await mark(tx, [Mark(each.practitioner_id, each.profession) for each in differences])
    await add_report(tx, new_id(), compared, differences)


async def _advance(tx: Transaction, stored: list[Any], sample: int, found: int) -> None:
    ended = len(stored) < sample
    await tx.execute(
        ADVANCE,
        practitioner=UUID(int=0) if ended else stored[-1].practitioner_id,
        profession="" if ended else stored[-1].profession,
        checked=len(stored),
        differing=found,
        ended=ended,
        now=tx.now,
    )
