"""Statements as they are read: the stored answer while it holds, else computed from the facts on the spot."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from cec_chassis.clock import taipei_date
from cec_chassis.database import Database, Transaction
from cec_chassis.problems import FieldError
from cec_credits.practitioners.store import masked_national_id
from cec_credits.rulesets.book import NoRuleInForce, RuleBook, UnknownProfession
from cec_credits.rulesets.document import Words
from cec_credits.rulesets.edition import Rules
from cec_credits.statements.asked import Asked
from cec_credits.statements.domain import Case, Entry, Statement
from cec_credits.statements.evaluate import UnknownProfile, evaluate
from cec_credits.statements.facts import Person, load_cases, load_people, professions_of, strangers_to
from cec_credits.statements.head import StatementHead, Window, head_of
from cec_credits.statements.names import Names, by_course, by_id
from cec_credits.statements.refusals import (
    DAY_WITHOUT_RULE,
    NOT_HELD,
    UNCOVERED_PROFESSION,
    UNKNOWN_PERSON,
    UNKNOWN_THEN,
    NoRuleOnThatDay,
    NoStatement,
    OccasionNotOpen,
    ProfessionNotCovered,
    first_rules,
)
from cec_credits.statements.sources import Decided, SourceCourse, load_sources
from cec_credits.statements.summary import summary_of
from cec_credits.statements.views import EntryView, entry_view
from cec_credits.statements.window import shown_window

STORED = """
SELECT s.as_of, s.changes_on, s.window_since, s.window_end, s.summary, s.computed_at, s.version,
       CAST(s.summary AS json) ->> 'rule_set' AS rule_set,
       EXISTS (SELECT FROM dirty_standings d WHERE d.practitioner_id = $1 AND d.profession = $2) AS working,
       EXISTS (SELECT FROM rule_changes r WHERE r.profession = $2 AND r.generation > s.book_generation) AS outdated,
       (SELECT survivor_id FROM merged_people m WHERE m.practitioner_id = $1) AS merged_into,
       ARRAY(SELECT m.practitioner_id FROM merged_people m WHERE m.survivor_id = $1 ORDER BY 1) AS merged_from
FROM standings s WHERE s.practitioner_id = $1 AND s.profession = $2
"""
WORKING = """
SELECT EXISTS (SELECT FROM dirty_standings WHERE practitioner_id = :practitioner AND profession = :profession) AS working,
       (SELECT version FROM standings WHERE practitioner_id = :practitioner AND profession = :profession) AS version
"""


class Explained(msgspec.Struct, frozen=True, dict=True):
    """A statement computed from the facts, whose it is, and the courses behind its entries by their id.

    The masked national ID is that of today, whatever was known when: it tells whom the page is about.
    """

    head: StatementHead
    person: Person
    statement: Statement
    courses: dict[str, Decided]
    national_id_masked: str = ""

    def course(self, entry: Entry) -> SourceCourse | None:
        """The course behind an entry; None while its approval is not known."""
        found = self.courses.get(entry.record.course or "")
        return None if found is None else found.course

    def view(self, entry: Entry) -> EntryView:
        """An entry explained, with its course and what was decided about it."""
        found = self.courses.get(entry.record.course or "")
        if found is None:
            return entry_view(entry, None, names=self._names)
        return entry_view(entry, found.course, found.approval(entry, self.statement.case.profession), names=self._names)

    @cached_property
    def _names(self) -> Names:
        return Names(self.statement.rules, self._record)

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {entry.record.id: entry for entry in self.statement.entries}

    def _record(self, record_id: str) -> Words:
        """Another record as the person knows it: by its course. Nobody knows the id of a record."""
        other = self._by_id.get(record_id)
        course = None if other is None else self.course(other)
        if other is None or course is None:
            return by_id(record_id)
        return by_course(other.record, course.course_title, course.course_code)


async def statement_json(
    database: Database,
    rules: Rules,
    practitioner_id: UUID,
    profession: str,
    as_of: date | None,
    asked: Asked = Asked(),  # noqa: B008 - a frozen value
) -> bytes:
    """The statement as JSON. Raises NoStatement, ProfessionNotCovered, NoRuleOnThatDay, OccasionNotOpen.

    One row read by primary key, and no work on its JSON, for as long as the stored answer holds for that day.
    """
    day = as_of or taipei_date(database.clock.now())
    row = await (await database.reader()).fetchrow(STORED, practitioner_id, profession) if asked.plain else None
    if row is None or not _holds(row, day):
        head, statement = await statement_on(database, rules, practitioner_id, profession, replace(asked, as_of=day))
        return _joined(head, msgspec.json.encode(summary_of(statement)))
    window = Window.of(shown_window(row["window_since"], row["window_end"], day), day)
    head = head_of(
        practitioner_id,
        profession,
        day,
        window,
        rule_set=row["rule_set"],
        version=row["version"],
        computed_at=row["computed_at"],
        working=row["working"],
        merged_into=row["merged_into"],
        merged_from=row["merged_from"],
    )
    return _joined(head, row["summary"].encode())


def _holds(row: Any, day: date) -> bool:
    """Whether the stored answer is also the answer for that day: from when it was computed until time changes it."""
    if row["outdated"]:
        return False  # rules of the profession were published since; the recalculation has not come to this person yet
    return bool(row["as_of"] <= day and (row["changes_on"] is None or day < row["changes_on"]))


def _joined(head: StatementHead, summary: bytes) -> bytes:
    return msgspec.json.encode(head)[:-1] + b"," + summary[1:]


async def statements_json(database: Database, rules: Rules, practitioner_id: UUID, asked: Asked) -> bytes:
    """Every profession of a person, each reckoned apart; those no rule set covers on that day are left out, and those to
    which the occasion is not open.

    Raises:
        NoStatement: the person is not known.
        NoRuleOnThatDay, OccasionNotOpen: for none of the professions there is a rule, or an occasion, on that day.
    """
    async with database.reading() as tx:
        professions = await professions_of(tx, practitioner_id, asked.known_by)
        if not professions:
            raise await _nobody(tx, practitioner_id, asked)
    found: list[bytes] = []
    refused: NoRuleOnThatDay | OccasionNotOpen | None = None
    for profession in professions:
        try:
            found.append(await statement_json(database, rules, practitioner_id, profession, asked.as_of, asked))
        except ProfessionNotCovered:
            continue
        except (NoRuleOnThatDay, OccasionNotOpen) as error:
            refused = error
    if refused is not None and not found:
        raise refused
    return b'{"practitioner_id":"%s","statements":[%s]}' % (str(practitioner_id).encode(), b",".join(found))


async def statement_on(
    database: Database,
    rules: Rules,
    practitioner_id: UUID,
    profession: str,
    asked: Asked,
) -> tuple[StatementHead, Statement]:
    """Computed from the facts, as they were known at `known_by` if that is given. Raises as `statement_json`."""
    explained = await explain(database, rules, practitioner_id, profession, asked, courses=False)
    return explained.head, explained.statement


async def explain(
    database: Database,
    rules: Rules,
    practitioner_id: UUID,
    profession: str,
    asked: Asked,
    *,
    courses: bool = True,
) -> Explained:
    """The statement with everything behind it, from one reading of the facts. Raises as `statement_json`.

    `courses` false: only what is reckoned, without courses and without what a page says of the person besides.
    """
    day = asked.as_of or taipei_date(database.clock.now())
    async with database.reading() as tx:
        edition = await rules.edition(tx, asked.known_by)
        known = await tx.one(WORKING, practitioner=practitioner_id, profession=profession)
        cases = await load_cases(tx, [(practitioner_id, profession)], day, asked.known_by, asked.period, asked.profile)
        if not cases:
            raise await _nobody(tx, practitioner_id, asked)
        person, case = cases[0]
        strange = await strangers_to(tx, {(practitioner_id, profession): person}, asked.known_by)
        wanted = {record.course for record in case.records if record.course is not None} if courses else set()
        sources = await load_sources(tx, wanted, asked.known_by) if wanted else {}
        masked = await masked_national_id(tx, practitioner_id) if courses else ""
    statement = _evaluated(case, edition.book)
    if strange:
        raise NoStatement(errors=[NOT_HELD])
    head = head_of(
        practitioner_id,
        profession,
        day,
        Window.of(statement.window, day),
        rule_set=statement.rule_set,
        version=known.version if asked.plain else None,
        computed_at=database.clock.now(),
        working=known.working and asked.known_by is None,
        known_by=asked.known_by,
        merged_into=person.merged_into,
        merged_from=person.merged_from,
    )
    return Explained(head, person, statement, sources, masked)


async def _nobody(tx: Transaction, practitioner_id: UUID, asked: Asked) -> NoStatement:
    """Whether the person or the moment is at fault."""
    known_now = asked.known_by is not None and await load_people(tx, [practitioner_id])
    return NoStatement(errors=[UNKNOWN_THEN if known_now else UNKNOWN_PERSON])


def _evaluated(case: Case, book: RuleBook) -> Statement:
    try:
        return evaluate(case, book)
    except UnknownProfession as error:
        raise ProfessionNotCovered(errors=[UNCOVERED_PROFESSION]) from error
    except UnknownProfile as error:
        possible = "、".join(error.possible)
        message = f"{error.rule_set} 就此類別有 {possible} / {error.rule_set} has for this profession: {possible}"
        raise OccasionNotOpen(errors=[FieldError("query.profile", "unknown-profile", message)]) from error
    except NoRuleInForce as error:
        raise NoRuleOnThatDay(first_rules(error), errors=[DAY_WITHOUT_RULE]) from error
