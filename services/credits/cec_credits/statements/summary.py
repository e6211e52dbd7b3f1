"""A statement without its entries, as it is stored and served: everything that does not move with the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from cec_credits.rulesets.document import Words
from cec_credits.rulesets.extension_letters import ExtensionLetter, extension_of
from cec_credits.statements import reasons
from cec_credits.statements.answer import (
    Anomaly,
    Line,
    NotJudged,
    Totals,
    judged,
    line_of,
    occasion_of,
    said_of,
    totals_of,
    verdict_of,
)
from cec_credits.statements.basis import Occasion
from cec_credits.statements.domain import Licence, Statement
from cec_credits.statements.roc import roc
from cec_credits.statements.window import DAY, moves


class LicenceView(msgspec.Struct, frozen=True):
    """The practice licence 執業執照 that sets the window; the end without an extension is kept apart from it.

    `extension_letters` are those by which it was extended; absent where there is no extension or no letter explains it.
    """

    valid_from: date | None
    valid_until: date
    extended_until: date | None
    valid_from_roc: str | None
    valid_until_roc: str
    extended_until_roc: str | None
    extension_letters: tuple[ExtensionLetter, ...] | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, licence: Licence, profession: str) -> LicenceView:
        """With its days in the calendar of the Republic as well."""
        begun, extended = licence.valid_from, licence.extended_until
        by_letters = None if extended is None else extension_of(profession, licence.valid_until)
        return cls(
            begun,
            licence.valid_until,
            extended,
            None if begun is None else roc(begun),
            roc(licence.valid_until),
            None if extended is None else roc(extended),
            msgspec.UNSET if by_letters is None or by_letters.until != extended else by_letters.letters,
        )


class Summary(msgspec.Struct, frozen=True):
    """The totals of a statement, with every requirement line in words."""

    rule_set: str
    licence: LicenceView | None
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    professional: Decimal
    quality_ethics_regulations: Decimal
    counted: Decimal
    infection_control_courses: int
    gender_courses: int
    met: bool
    verdict: Words
    requirements: list[Line]
    by_attribute: list[Totals]
    by_method: list[Totals]
    by_method_and_attribute: list[Totals]
    anomalies: list[Anomaly]
    licence_remark: Words | msgspec.UnsetType = msgspec.UNSET
    """That there is no licence, or that it has run out; absent while one is in force."""
    change_pending: Decimal | msgspec.UnsetType = msgspec.UNSET
    """The part of `valid` whose approval is being examined anew 異動中; it stands until decided. Absent where nothing is."""
    occasion: Occasion | msgspec.UnsetType = msgspec.UNSET
    """For what the statement is, and by which article; absent in what was stored before it was kept."""
    judged: NotJudged = msgspec.UNSET
    """False over a period of one's own: its sums are held against no standard, and `met` is false. Absent elsewhere."""


def summary_of(statement: Statement) -> Summary:
    """Deterministic: equal statements give equal JSON, which is how a change is noticed."""
    return _summary(statement, [line_of(statement, line) for line in statement.requirements])


def _summary(statement: Statement, lines: list[Any]) -> Summary:
    return Summary(
        rule_set=statement.rule_set,
        licence=None
        if statement.case.licence is None
        else LicenceView.of(statement.case.licence, statement.case.profession),
        valid=statement.valid,
        invalid=statement.invalid,
        pending=statement.pending,
        professional=statement.professional,
        quality_ethics_regulations=statement.quality_ethics_regulations,
        counted=statement.counted,
        infection_control_courses=statement.infection_control_courses,
        gender_courses=statement.gender_courses,
        met=statement.fulfilled,
        verdict=verdict_of(statement),
        requirements=lines,
        by_attribute=[totals_of(None, key, sums) for key, sums in statement.by_attribute().items()],
        by_method=[totals_of(key, None, sums) for key, sums in statement.by_method().items()],
        by_method_and_attribute=[totals_of(*key, sums) for key, sums in sorted(statement.cells.items())],
        anomalies=[Anomaly(code, reasons.ANOMALIES[code]) for code in statement.anomalies],
        licence_remark=reasons.of_licence(statement.case) or msgspec.UNSET,
        change_pending=statement.change_pending or msgspec.UNSET,
        occasion=occasion_of(statement),
        judged=judged(statement),
    )


class Texts(NamedTuple):
    """A summary as JSON: as it is stored and served, and the part of it that is news when it changes."""

    whole: bytes
    news: bytes
    """By which version of the same rules it was reckoned, and where they can be read, changes nothing for anybody, and what
    is stored is always for a renewal."""


def texts_of(statement: Statement) -> Texts:
    """`summary_of` as JSON, twice; requirement lines, which are most of it and equal for many people, are not encoded anew."""
    said = [said_of(statement, line) for line in statement.requirements]
    whole = _summary(statement, [each.text for each in said])
    return Texts(
        msgspec.json.encode(whole),
        msgspec.json.encode(replace(whole, requirements=[each.news for each in said], occasion=msgspec.UNSET)),
    )


def closes_on(statement: Statement) -> date | None:
    """The day on which the window closes for good; None where it moves with the day and never closes."""
    return statement.closing if moves(statement.case, statement.profile) is None else None


def holds_until(statement: Statement) -> date | None:
    """The first day on which a stored answer may be wrong, its window included; None: time alone never changes it."""
    if moves(statement.case, statement.profile) is None:
        return statement.changes_on
    return statement.case.as_of + DAY
