"""Answers rows of a batch: whom they name, where those people stand, and a trace of every look. One transaction.

The same for a file that is answered at once and for a piece of a job.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from cec_chassis.database import Transaction
from cec_credits.batch.cases import Cases
from cec_credits.batch.domain import AskedRow, Figures, Line, Question, RowProblem
from cec_credits.batch.figures import Result, figures_of
from cec_credits.batch.lookup import Named, find_people
from cec_credits.batch.rows import of_a_profession
from cec_credits.rulesets.edition import Rules
from cec_credits.statements import reasons
from cec_credits.statements.answer import Anomaly
from cec_credits.statements.facts import Key, Person, load_people
from cec_credits.statements.window import anomalies_of

LOOKED: Final = "statement.read_in_batch"
NO_PROFESSION: Final = RowProblem("no-profession", "查無證書或執照 / No certificate or licence is known")


async def answer_rows(
    tx: Transaction, rules: Rules, batch_id: UUID, rows: Sequence[AskedRow], question: Question, cases: Cases
) -> list[Line]:
    """A line for each row, or several for somebody of several professions when none is asked for.

    Whoever is found is audited with the purpose, once in this transaction however often the rows name them.
    """
    book = (await rules.edition(tx)).book
    known = book.professions()
    named = await find_people(tx, [of_a_profession(row, known) for row in rows], question.profession)
    people = await load_people(
        tx, list({each.practitioner_id for each in named if each.practitioner_id}), question.known_by
    )
    cases.begin(batch_id)
    wanted = {key: people[key[0]] for each in named for key in _keys(each, people, question)}
    figures = await figures_of(tx, book, wanted, question, cases)
    for practitioner_id in people:
        tx.look(
            LOOKED,
            subject_type="practitioner",
            subject_id=practitioner_id,
            purpose=question.purpose.value,
            what={"batch_id": str(batch_id), "purpose": question.purpose},
        )
    return [line for each in named for line in _lines(each, people, figures, question)]


def _keys(named: Named, people: dict[UUID, Person], question: Question) -> Iterator[Key]:
    person = people.get(named.practitioner_id) if named.practitioner_id else None
    if person is not None:
        for profession in _professions(named.row, person, question):
            yield person.practitioner_id, profession


def _professions(row: AskedRow, person: Person, question: Question) -> list[str]:
    """The one that is asked for, by the row before the batch; that of the certificate named; else all they hold."""
    if asked := row.profession or question.profession:
        return [asked]
    held = {each.profession for each in person.licences} | {each.profession for each in person.certificates}
    if row.national_id_index is None and row.number is None:
        held &= {each.profession for each in person.certificates if each.number == row.certificate_number}
    return sorted(held)


def _lines(named: Named, people: dict[UUID, Person], figures: dict[Key, Result], question: Question) -> Iterator[Line]:
    row = named.row
    person = people.get(named.practitioner_id) if named.practitioner_id else None
    if person is None:
        # Found by what is known now, and not known yet at the moment that is asked about: unknown all the same.
        yield Line(row=row.line, asked=row.shown, problem=named.problem or _UNKNOWN_THEN)
        return
    keys = list(_keys(named, people, question))
    if not keys:
        yield _line(row, person, "", NO_PROFESSION, question)
    for key in keys:
        yield _line(row, person, key[1], figures[key], question)


_UNKNOWN_THEN: Final = RowProblem("unknown-practitioner", "當時查無此人 / Nobody was known by this then")


def _line(row: AskedRow, person: Person, profession: str, result: Result, question: Question) -> Line:
    licence = person.licence(profession, question.day)
    found = isinstance(result, Figures)  # who has no statement is not warned of anything in it
    return Line(
        row=row.line,
        asked=row.shown,
        practitioner_id=person.practitioner_id,
        number=person.number,
        name=person.name,
        profession=profession,
        certificate_number=person.certificate_number(profession),
        licence_valid_until=None if licence is None else licence.valid_until,
        licence_extended_until=None if licence is None else licence.extended_until,
        licence_remark=reasons.of_licence_on(licence, question.day) if found else None,
        anomalies=tuple(Anomaly(code, reasons.ANOMALIES[code]) for code in anomalies_of(licence)) if found else (),
        figures=result if isinstance(result, Figures) else None,
        problem=result if isinstance(result, RowProblem) else None,
    )
