"""What a person reads of a loss, a note and a requirement line: the text of its code, with its parameters put in.

The engine stores codes and parameters only; a text is made when somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, get_args

from cec_credits import texts
from cec_credits.rulesets.document import Line, Words
from cec_credits.rulesets.words import AREAS, PERIODS, ROLES
from cec_credits.statements.domain import Case, Entry, Licence, Loss, Note, Requirement
from cec_credits.statements.names import CODES, Names
from cec_credits.statements.roc import roc
from cec_credits.statements.window import lapses_after

LOSSES: Final = texts.all_of("loss")
"""Why points did not count."""
NOTES: Final = texts.all_of("note")
"""What is worth saying and takes no points."""
ANOMALIES: Final = texts.all_of("anomaly")
"""What looks wrong in the licence itself."""
COUNTED: Final = texts.words("record.counted")
_NO_LICENCE: Final = texts.words("licence.none")
_LAPSED: Final = texts.words("licence.lapsed")
_OVER_A_PERIOD: Final = texts.words("verdict.period")
VERDICTS: Final = {True: texts.words("verdict.met"), False: texts.words("verdict.not_met"), None: _OVER_A_PERIOD}
VERDICTS_OF_OCCASIONS: Final = {
    True: texts.words("verdict.occasion_met"),
    False: texts.words("verdict.occasion_not_met"),
    None: _OVER_A_PERIOD,
}

_APPROVED: Final = texts.words("approval.whole")
_APPROVED_IN_PART: Final = texts.words("approval.in_part")
_NOT_COUNTED: Final = texts.words("record.not_counted")
_LINES: Final[Mapping[str, Words]] = texts.each("line", get_args(Line))
_FURTHER_LINE: Final = texts.words("line.further")
_CAPPED_LINE: Final = texts.words("line.capped")
_CHECKED_LINE: Final = {True: texts.words("line.met"), False: texts.words("line.not_met")}
_UNCHECKED_LINE: Final = texts.words("line.not_asked")
_WORDS: Final = {"per": PERIODS, "role": ROLES, "area": AREAS}


def of_loss(loss: Loss, names: Names = CODES) -> Words:
    """What a loss means, with methods and other records by their names. A ground that has no text is told by its code."""
    text = LOSSES.get(loss.reason)
    if text is None:
        return _filled(_NOT_COUNTED, {"reason": loss.reason})
    return _filled(text, {**_named(loss.detail, names), "amount": loss.amount})


def of_note(note: Note, entry: Entry, names: Names = CODES) -> Words:
    """What a note on an entry means."""
    terms = entry.terms
    if not note.detail:
        return _noted(note.reason, terms.factor, terms.area, entry.base, entry.raw)
    detail = {"factor": terms.factor, "area": terms.area, "base": entry.base, "points": entry.raw}
    return _filled(NOTES[note.reason], {**detail, **_named(note.detail, names)})


@lru_cache(maxsize=16_384)  # every second record of somebody who practises far away says one of a few such sentences
def _noted(reason: str, factor: Decimal, area: str, base: Decimal, points: Decimal) -> Words:
    return _filled(NOTES[reason], {"factor": factor, "area": area, "base": base, "points": points})


def _named(detail: Mapping[str, object], names: Names) -> Mapping[str, object]:
    """The parameters of a reason with names in the place of codes and ids."""
    named: dict[str, object] = {}
    for key, value in detail.items():
        if key == "with":
            named[key] = names.record(str(value))
        elif key == "method":
            named[key] = names.method(str(value))
        elif key == "methods" and isinstance(value, tuple):
            named[key] = tuple(names.method(code) for code in value)
    return {**detail, **named} if named else detail


def of_licence(case: Case) -> Words | None:
    """That there is no licence, or that it has run out, and what to do about it; None while one is in force."""
    return of_licence_on(case.licence, case.as_of)


def of_licence_on(licence: Licence | None, day: date) -> Words | None:
    """The same, of a licence on a day."""
    if licence is None:
        return _NO_LICENCE
    last_day = lapses_after(licence)
    return _filled(_LAPSED, {"until": last_day}) if last_day < day else None


def of_approval(decided: date, awarded: Decimal, minutes: int | None, of: int, points: Decimal) -> Words:
    """What was decided about a course, and what share of it was attended; `minutes` null: all of it."""
    if minutes is None:
        return _filled(_APPROVED, {"decided": decided, "awarded": awarded})
    detail = {"decided": decided, "awarded": awarded, "of": of, "minutes": minutes, "points": points}
    return _filled(_APPROVED_IN_PART, detail)


def of_requirement(line: Requirement, attributes: Words, further: Words | None, *, asked: bool) -> Words:
    """One requirement line with its verdict, or that nobody asks for it here; ``further`` is the name of a line beyond the
    five."""
    text, name = _LINES.get(line.key, _FURTHER_LINE), further or Words(zh=line.key, en=line.key)
    capped = Words(zh="", en="") if line.cap is None else _filled(_CAPPED_LINE, {"cap": line.cap})
    checked = _CHECKED_LINE[line.met] if asked else _UNCHECKED_LINE
    values = {"target": _number(line.target), "current": _number(line.current)}
    zh = text.zh.format(**values, name=name.zh, attributes=attributes.zh, cap=capped.zh)
    en = text.en.format(**values, name=name.en, attributes=attributes.en, cap=capped.en)
    return Words(zh=checked.zh.format(line=zh), en=checked.en.format(line=en))


def _filled(text: Words, detail: Mapping[str, object]) -> Words:
    return _filled_once(text, tuple(detail.items()))


@lru_cache(maxsize=16_384)  # most records of a statement, and of all statements, say one of a few sentences
def _filled_once(text: Words, detail: tuple[tuple[str, object], ...]) -> Words:
    said = {key: _said(key, value) for key, value in detail}
    return Words(
        zh=text.zh.format_map({key: words.zh for key, words in said.items()}),
        en=text.en.format_map({key: words.en for key, words in said.items()}),
    )


def _said(key: str, value: object) -> Words:
    """A parameter as it is read: a word of the field in either language, a number, a day, a list of methods."""
    named = _WORDS.get(key)
    if named is not None and str(value) in named:
        return named[str(value)]
    if isinstance(value, Words):
        return value
    if isinstance(value, tuple):
        return Words(zh="、".join(each.zh for each in value), en=", ".join(each.en for each in value))
    if isinstance(value, date):
        return Words(zh=roc(value), en=value.isoformat())
    text = _number(value) if isinstance(value, Decimal) else str(value)
    return Words(zh=text, en=text)


def _number(value: Decimal) -> str:
    """Without needless zeros: 60, 1.5, 3.60."""
    return str(value.to_integral_value()) if value == value.to_integral_value() else str(value)
