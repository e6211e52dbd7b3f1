"""Recalculates marked practitioners: claim, load the facts, evaluate, keep what changed, say so. One transaction.

A pure function of facts, rule set and day, never `total = total + x`: whatever came twice, late or out of order, the
answer is the same. Only a changed standing becomes news, so a day on which nothing happened makes no noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import structlog

from cec_chassis.clock import taipei_date
from cec_chassis.context import CommandContext
from cec_chassis.database import Database, Transaction
from cec_chassis.failpoints import hit
from cec_chassis.ids import new_id
from cec_credits.recalculation import failures, standings
from cec_credits.recalculation.announce import announce
from cec_credits.recalculation.standings import NewStanding
from cec_credits.recalculation.store import MARK_DUE, Mark, claim
from cec_credits.rulesets.book import NoRuleInForce, RuleBook, UnknownProfession
from cec_credits.rulesets.edition import Edition, Rules
from cec_credits.statements.domain import Case
from cec_credits.statements.evaluate import evaluate
from cec_credits.statements.facts import Person, load_cases

BATCH = 200
DUE_BATCH = 2_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many marks were taken, and how many standings changed."""

    claimed: int
    changed: int


async def recalculate_marked(database: Database, rules: Rules, limit: int = BATCH) -> Outcome:
    """One batch of the dirty set. `claimed` is 0 when nothing is marked that no open transaction holds."""
    async with database.transaction(CommandContext()) as tx:
        marks = await claim(tx, limit)
        if not marks:
            return Outcome(0, 0)
        await hit("recalculation.after_claim")
        changed = await _recalculate(tx, await rules.held(tx), marks, taipei_date(tx.now))
        await hit("recalculation.before_commit")
    await hit("recalculation.after_commit")
    return Outcome(len(marks), changed)


async def mark_due(database: Database) -> int:
    """Marks the standings that the passing of time alone changes today: a course has ended, a rule set begins …"""
    async with database.transaction() as tx:
        return (await tx.execute(MARK_DUE, today=taipei_date(tx.now), limit=DUE_BATCH)).rowcount


async def _recalculate(tx: Transaction, edition: Edition, marks: list[Mark], today: date) -> int:
    traces = {(m.practitioner_id, m.profession): m.traceparent for m in marks}
    cases = await load_cases(tx, list(traces), today)
    run = new_id()
    found: list[NewStanding] = []
    failed: list[tuple[UUID, str, str]] = []
    for person, case in cases:
        try:
            standing = _standing_of(person, case, edition.book)
        except Exception as error:  # noqa: BLE001 - one person's broken data must not stop everybody else's points
            log.error("recalculation.failed", practitioner=str(person.practitioner_id), error=repr(error))
            failed.append((person.practitioner_id, case.profession, repr(error)))
            continue
        if standing is not None:
            found.append(standing)
    await failures.record(tx, failed)
    versions = await standings.keep(tx, found, run, edition.generation)
    for standing in found:
        version = versions.get(standing.key)
        if version is not None:
            announce(tx, standing, version, traces[standing.key])
    return len(versions)


def _standing_of(person: Person, case: Case, book: RuleBook) -> NewStanding | None:
    """None for a category the regulation does not cover, or not yet."""
    try:
        return NewStanding.of(person, evaluate(case, book))
    except (UnknownProfession, NoRuleInForce):
        return None
