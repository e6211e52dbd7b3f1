"""Statements as they are read: the stored answer while it holds, else computed from the facts on the spot."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from cec_chassis.clock import taipei_date
from cec_chassis.database import Database
from cec_credits.rulesets.book import NoRuleInForce, UnknownProfession
from cec_credits.rulesets.edition import Rules
from cec_credits.statements.domain import Statement
from cec_credits.statements.evaluate import evaluate
from cec_credits.statements.facts import load_cases
from cec_credits.statements.refusals import NoRuleOnThatDay, NoStatement, ProfessionNotCovered
from cec_credits.statements.summary import summary_of

STORED = """
SELECT s.as_of, s.changes_on, s.window_since, s.window_end, s.summary, s.computed_at, s.version,
       EXISTS (SELECT FROM dirty_standings d WHERE d.practitioner_id = $1 AND d.profession = $2) AS working,
       EXISTS (SELECT FROM rule_changes r WHERE r.profession = $2 AND r.generation > s.book_generation) AS outdated
FROM standings s WHERE s.practitioner_id = $1 AND s.profession = $2
"""
WORKING = """
SELECT EXISTS (SELECT FROM dirty_standings WHERE practitioner_id = :practitioner AND profession = :profession) AS working,
       (SELECT version FROM standings WHERE practitioner_id = :practitioner AND profession = :profession) AS version
"""


class Window(msgspec.Struct, frozen=True):
    """The days that count; both included."""

    since: date
    until: date


class StatementHead(msgspec.Struct, frozen=True):
    """What a statement says about itself. `version` counts the changes of the standing; null when there is none yet.

    `freshness` is `current`, or `working` while a change that has arrived is not yet in the totals.
    """

    practitioner_id: UUID
    profession: str
    as_of: date
    window: Window
    version: int | None
    computed_at: datetime
    freshness: Literal["current", "working"]


async def statement_json(
    database: Database, rules: Rules, practitioner_id: UUID, profession: str, as_of: date | None
) -> bytes:
    """The statement as JSON. Raises NoStatement, ProfessionNotCovered, NoRuleOnThatDay.

    One row read by primary key, and no work on its JSON, for as long as the stored answer holds for that day.
    """
    day = as_of or taipei_date(database.clock.now())
    row = await (await database.reader()).fetchrow(STORED, practitioner_id, profession)
    if row is None or not _holds(row, day):
        head, statement = await statement_on(database, rules, practitioner_id, profession, day)
        return _joined(head, msgspec.json.encode(summary_of(statement)))
    window = Window(row["window_since"], min(day, row["window_end"]))
    freshness: Literal["current", "working"] = "working" if row["working"] else "current"
    head = StatementHead(practitioner_id, profession, day, window, row["version"], row["computed_at"], freshness)
    return _joined(head, row["summary"].encode())


def _holds(row: Any, day: date) -> bool:
    """Whether the stored answer is also the answer for that day: from when it was computed until time changes it."""
    if row["outdated"]:
        return False  # rules of the profession were published since; the recalculation has not come to this person yet
    return bool(row["as_of"] <= day and (row["changes_on"] is None or day < row["changes_on"]))


def _joined(head: StatementHead, summary: bytes) -> bytes:
    return msgspec.json.encode(head)[:-1] + b"," + summary[1:]


async def statement_on(
    database: Database,
    rules: Rules,
    practitioner_id: UUID,
    profession: str,
    day: date,
    known_by: datetime | None = None,
) -> tuple[StatementHead, Statement]:
    """Computed from the facts, as they were known at `known_by` if that is given. Raises as `statement_json`."""
    async with database.reading() as tx:
        edition = await rules.edition(tx)
        known = await tx.one(WORKING, practitioner=practitioner_id, profession=profession)
        cases = await load_cases(tx, [(practitioner_id, profession)], day, known_by)
    if not cases:
        raise NoStatement
    try:
        statement = evaluate(cases[0][1], edition.book)
    except UnknownProfession as error:
        raise ProfessionNotCovered from error
    except NoRuleInForce as error:
        raise NoRuleOnThatDay(str(error)) from error
    head = StatementHead(
        practitioner_id,
        profession,
        day,
        Window(statement.window.since, statement.window.until),
        known.version,
        database.clock.now(),
        "working" if known.working else "current",
    )
    return head, statement
