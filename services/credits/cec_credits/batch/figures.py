"""What statements come to, for many people at once: from stored standings while they hold, else from the facts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from cec_chassis.database import Transaction
from cec_credits.batch.cases import Cases
from cec_credits.batch.domain import By, Figures, Question, RowProblem, Sums
from cec_credits.rulesets.book import NoRuleInForce, RuleBook, UnknownProfession
from cec_credits.statements.answer import judged
from cec_credits.statements.domain import Case, Statement, Tally
from cec_credits.statements.evaluate import UnknownProfile, evaluate
from cec_credits.statements.facts import Key, Person, strangers_to
from cec_credits.statements.refusals import NOT_HELD as _NOT_HELD
from cec_credits.statements.refusals import first_rules
from cec_credits.statements.window import shown_window

TOGETHER: Final = 100
"""People whose facts are loaded by one query: enough to make queries few, so few that nobody waits for the event loop."""

STANDINGS = """
SELECT s.practitioner_id, s.profession, s.window_since, s.window_end, s.summary
FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[])) AS w(practitioner_id, profession)
JOIN standings s USING (practitioner_id, profession)
WHERE s.as_of <= :day AND (s.changes_on IS NULL OR s.changes_on > :day)
  AND NOT EXISTS (SELECT FROM dirty_standings d
                  WHERE d.practitioner_id = s.practitioner_id AND d.profession = s.profession)
  AND NOT EXISTS (SELECT FROM rule_changes r WHERE r.profession = s.profession AND r.generation > s.book_generation)
"""
NOT_COVERED: Final = RowProblem(
    "profession-not-covered", "此醫事人員類別不適用繼續教育積分規定 / No rule set covers this profession"
)
NOT_HELD: Final = RowProblem(_NOT_HELD.slug, _NOT_HELD.message)

Result = Figures | RowProblem


class _Totals(msgspec.Struct, frozen=True):
    """A line of sums as a stored summary has it."""

    records: int
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    counted: Decimal
    attribute: str | None = None
    method: str | None = None


class _Stored(msgspec.Struct, frozen=True):
    """Of a stored summary what a batch tells."""

    rule_set: str
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    professional: Decimal
    quality_ethics_regulations: Decimal
    counted: Decimal
    infection_control_courses: int
    gender_courses: int
    met: bool
    by_attribute: list[_Totals]
    by_method: list[_Totals]


_stored = msgspec.json.Decoder(_Stored)


async def figures_of(
    tx: Transaction, book: RuleBook, people: Mapping[Key, Person], question: Question, cases: Cases
) -> dict[Key, Result]:
    """For each of these the figures, or why there are none. The same answer whichever way it is found."""
    found: dict[Key, Result] = {}
    if question.plain:
        rows = await tx.all(
            STANDINGS,
            practitioners=[practitioner for practitioner, _ in people],
            professions=[profession for _, profession in people],
            day=question.day,
        )
        found.update(await asyncio.to_thread(_from_standings, rows, question.day, question.by))
    missing = [key for key in people if key not in found]
    strange = await strangers_to(tx, {key: people[key] for key in missing}, question.known_by)
    for keys in _slices(missing):
        rows = await cases.rows(tx, keys, question)
        found.update(await asyncio.to_thread(_from_facts, cases, rows, keys, people, book, question))
    for key in strange:
        if isinstance(found[key], Figures):  # a profession that no rules cover, or none yet, says so
            found[key] = NOT_HELD
    return found


def _from_standings(rows: Iterable[Any], day: date, by: By) -> dict[Key, Result]:
    return {(row.practitioner_id, row.profession): _from_standing(row, day, by) for row in rows}


def _from_standing(row: Any, day: date, by: By) -> Figures:
    stored = _stored.decode(row.summary)
    totals = stored.by_attribute if by is By.ATTRIBUTE else stored.by_method
    window = shown_window(row.window_since, row.window_end, day)
    return Figures(
        rule_set=stored.rule_set,
        since=window.since,
        until=window.until,
        valid=stored.valid,
        invalid=stored.invalid,
        pending=stored.pending,
        professional=stored.professional,
        quality_ethics_regulations=stored.quality_ethics_regulations,
        counted=stored.counted,
        infection_control_courses=stored.infection_control_courses,
        gender_courses=stored.gender_courses,
        met=stored.met,
        groups=[
            Sums(
                (t.attribute if by is By.ATTRIBUTE else t.method) or "",
                t.records,
                t.valid,
                t.invalid,
                t.pending,
                t.counted,
            )
            for t in totals
        ],
    )


def _from_facts(
    cases: Cases, rows: Any, keys: Sequence[Key], people: Mapping[Key, Person], book: RuleBook, question: Question
) -> dict[Key, Result]:
    built = cases.build(rows, keys, people, question)
    return {(person.practitioner_id, case.profession): _computed(case, book, question.by) for person, case in built}


def _computed(case: Case, book: RuleBook, by: By) -> Result:
    try:
        statement = evaluate(case, book)
    except UnknownProfession:
        return NOT_COVERED
    except NoRuleInForce as error:
        return RowProblem("no-rule-on-that-day", first_rules(error))
    except UnknownProfile as error:
        return RowProblem(
            "occasion-not-open",
            f"此類別無此適用情形，可用者：{'、'.join(error.possible)}"
            f" / This profession has no such occasion; it has: {', '.join(error.possible)}",
        )
    return _of_statement(statement, by)


def _of_statement(statement: Statement, by: By) -> Figures:
    groups = statement.by_attribute() if by is By.ATTRIBUTE else statement.by_method()
    return Figures(
        rule_set=statement.rule_set,
        since=statement.window.since,
        until=statement.window.until,
        valid=statement.valid,
        invalid=statement.invalid,
        pending=statement.pending,
        professional=statement.professional,
        quality_ethics_regulations=statement.quality_ethics_regulations,
        counted=statement.counted,
        infection_control_courses=statement.infection_control_courses,
        gender_courses=statement.gender_courses,
        met=statement.fulfilled,
        judged=judged(statement),
        groups=[_sums(key, tally) for key, tally in groups.items()],
    )


def _sums(key: str, tally: Tally) -> Sums:
    return Sums(key, tally.records, tally.valid, tally.invalid, tally.pending, tally.counted)


def _slices(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for at in range(0, len(keys), TOGETHER):
        yield keys[at : at + TOGETHER]
