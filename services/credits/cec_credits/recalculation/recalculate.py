"""Recalculates marked practitioners: claim, load the facts, evaluate, keep what changed, say so. One transaction.

A pure function of facts, rule set and day, never `total = total + x`: whatever came twice, late or out of order, the
answer is the same. Only a changed standing becomes news, so a day on which nothing happened makes no noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cec_chassis.clock import taipei_date
from cec_chassis.context import CommandContext
from cec_chassis.database import Database, Transaction
from cec_chassis.failpoints import hit
from cec_chassis.ids import new_id
from cec_credits.recalculation import failures, standings
from cec_credits.recalculation.announce import announce
from cec_credits.recalculation.awaited import wait_for_rules
from cec_credits.recalculation.cases import load_marked
from cec_credits.recalculation.compute import compute
from cec_credits.recalculation.lanes import Lane
from cec_credits.recalculation.store import MARK_DUE, Mark, claim, pass_on
from cec_credits.rulesets.edition import Edition, Rules

DUE_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many marks were taken, and how many standings changed."""

    claimed: int
    changed: int


async def recalculate_marked(database: Database, rules: Rules, lane: Lane) -> Outcome:
    """One batch of a lane of the dirty set. `claimed` is 0 when nothing is marked that no open transaction holds."""
    async with database.transaction(CommandContext()) as tx:
        marks = await claim(tx, lane)
        if not marks:
            return Outcome(0, 0)
        await hit("recalculation.after_claim")
        await pass_on(tx, marks)
        changed = await _recalculate(tx, await rules.held(tx), marks, taipei_date(tx.now))
        await hit("recalculation.before_commit")
    await hit("recalculation.after_commit")
    return Outcome(len(marks), changed)


async def mark_due(database: Database) -> int:
    """Marks the standings that the passing of time alone changes today: a course has ended, a rule set begins …

    At most `DUE_BATCH` of them; as many again may be due.
    """
    async with database.transaction() as tx:
        return (await tx.execute(MARK_DUE, today=taipei_date(tx.now), limit=DUE_BATCH)).rowcount


async def _recalculate(tx: Transaction, edition: Edition, marks: list[Mark], today: date) -> int:
    traces = {(m.practitioner_id, m.profession): m.traceparent for m in marks}
    computed = compute(await load_marked(tx, list(traces), today), edition.book)
    await failures.record(tx, computed.failed)
    await failures.forget(tx, [each.key for each in computed.found])
    await wait_for_rules(tx, computed.awaited)
    versions = await standings.keep(tx, computed.found, new_id(), edition.generation)
    for standing in computed.found:
        version = versions.get(standing.key)
        if version is not None:
            announce(tx, standing, version, traces[standing.key])
    return len(versions)
