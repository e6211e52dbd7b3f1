"""The answer as a table: one line for each answer, its columns named in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from cec_contracts.vocabulary import Method
from cec_credits import texts
from cec_credits.batch.domain import BatchAnswer, By, Figures, Line, Sums
from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.document import Words
from cec_credits.rulesets.words import ATTRIBUTES

Cell = str | int | Decimal | date | None


class Column(NamedTuple):
    """A column: its heading, and how wide it is in characters."""

    heading: str
    width: int


FOUND: Final = texts.both("cell.found")
_PERSON: Final = tuple(
    Column(texts.both(f"column.{code}"), width)
    for code, width in (
        ("row", 9),
        ("asked", 16),
        ("result", 22),
        ("number", 14),
        ("name", 14),
        ("profession", 30),
        ("certificate", 22),
        ("licence_until", 14),
        ("licence_extended_until", 14),
        ("remark", 40),
        ("since", 14),
        ("until", 14),
        ("rule_set", 12),
        ("standard", 14),
        ("valid", 12),
        ("invalid", 12),
        ("pending", 12),
        ("counted", 12),
        ("professional", 12),
        ("quality_ethics_regulations", 14),
        ("infection_control", 12),
        ("gender", 12),
    )
)
_OF_LINE: Final = 10
"""Columns that say something of a row without figures, too."""
_STANDARD: Final = {
    True: texts.both("cell.met"),
    False: texts.both("cell.not_met"),
    None: texts.both("cell.not_judged"),
}
_OF_GROUP: Final = (texts.words("column.valid_of"), texts.words("column.invalid_of"))


def columns_of(by: By, book: RuleBook) -> list[Column]:
    """The columns of every table of this kind; those of the groups come last, two for each."""
    names = _groups(by, book)
    return [
        *_PERSON,
        *(
            Column(f"{text.zh.format(name=name.zh)} / {text.en.format(name=name.en)}", 14)
            for name in names.values()
            for text in _OF_GROUP
        ),
    ]


def rows_of(answer: BatchAnswer, book: RuleBook) -> Iterator[list[Cell]]:
    """A row of cells for each answer; points are decimals, days are dates."""
    groups = list(_groups(answer.question.by, book))
    professions = _professions(book)
    for line in answer.lines:
        cells: list[Cell] = [
            line.row,
            line.asked,
            FOUND if line.problem is None else line.problem.message,
            line.number,
            line.name,
            professions.get(line.profession, line.profession),
            line.certificate_number,
            line.licence_valid_until,
            line.licence_extended_until,
            _remarks(line),
        ]
        cells += _figures(line, groups)
        yield cells


def _remarks(line: Line) -> str:
    """What the statement warns of: what is wrong with the licence."""
    told = [each.detail for each in line.anomalies] + ([] if line.licence_remark is None else [line.licence_remark])
    return " ".join(f"{each.zh} / {each.en}" for each in told)


def _figures(line: Line, groups: Sequence[str]) -> list[Cell]:
    found = line.figures
    if found is None:
        return [None] * (len(_PERSON) - _OF_LINE + 2 * len(groups))
    return [
        found.since,
        found.until,
        found.rule_set,
        _STANDARD[None if found.judged is False else found.met],
        found.valid,
        found.invalid,
        found.pending,
        found.counted,
        found.professional,
        found.quality_ethics_regulations,
        found.infection_control_courses,
        found.gender_courses,
        *_grouped(found, groups),
    ]


def _grouped(found: Figures, groups: Sequence[str]) -> Iterator[Cell]:
    none = Sums("", 0, Decimal("0.00"), Decimal("0.00"), Decimal("0.00"), Decimal("0.00"))
    sums = {each.key: each for each in found.groups}
    for key in groups:
        each = sums.get(key, none)
        yield each.valid
        yield each.invalid


def _groups(by: By, book: RuleBook) -> dict[str, Words]:
    """Every attribute or method there is, in the order of the regulation: all tables of a kind have the same columns."""
    if by is By.ATTRIBUTE:
        return dict(ATTRIBUTES)
    names = {m.code: Words(zh=m.zh, en=m.en) for rules in book for m in rules.document.methods}
    found = {method.value: Words(zh=method.value, en=method.value) for method in Method}
    return {
        code: Words(zh=f"{code} {_short(names[code].zh, 20)}", en=f"{code} {_short(names[code].en, 40)}")
        if code in names
        else plain
        for code, plain in found.items()
    }


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _professions(book: RuleBook) -> dict[str, str]:
    return {p.code: f"{p.code} {p.zh} / {p.en}" for rules in book for p in rules.document.professions}
