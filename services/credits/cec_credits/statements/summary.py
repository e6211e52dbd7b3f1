"""A statement without its entries, as it is stored and served: everything that does not move with the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from cec_credits.statements.domain import Requirement, Statement, Tally
from cec_credits.statements.window import window_of


class RequirementLine(msgspec.Struct, frozen=True):
    """One line of the standard 換照標準: what is asked, what there is."""

    key: str
    unit: str
    target: Decimal
    current: Decimal
    cap: Decimal | None
    met: bool
    required: bool
    article: str

    @classmethod
    def of(cls, line: Requirement) -> RequirementLine:
        return cls(
            line.key, line.unit, line.target, line.current, line.cap, line.met, line.required, line.provision.article
        )


class Totals(msgspec.Struct, frozen=True):
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    counted: Decimal
    records: int

    @classmethod
    def of(cls, tally: Tally) -> Totals:
        return cls(tally.valid, tally.invalid, tally.pending, tally.counted, tally.records)


class Summary(msgspec.Struct, frozen=True):
    """The totals of a statement; `by_method_and_attribute` keys are `M01/professional`."""

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
    requirements: tuple[RequirementLine, ...]
    by_attribute: dict[str, Totals]
    by_method: dict[str, Totals]
    by_method_and_attribute: dict[str, Totals]
    anomalies: tuple[str, ...]


def summary_of(statement: Statement) -> Summary:
    """Deterministic: equal statements give equal JSON, which is how a change is noticed."""
    return Summary(
        rule_set=statement.rule_set,
        valid=statement.valid,
        invalid=statement.invalid,
        pending=statement.pending,
        professional=statement.professional,
        quality_ethics_regulations=statement.quality_ethics_regulations,
        counted=statement.counted,
        infection_control_courses=statement.infection_control_courses,
        gender_courses=statement.gender_courses,
        met=statement.met,
        requirements=tuple(RequirementLine.of(line) for line in statement.requirements),
        by_attribute={key: Totals.of(tally) for key, tally in statement.by_attribute().items()},
        by_method={key: Totals.of(tally) for key, tally in statement.by_method().items()},
        by_method_and_attribute={
            f"{method}/{attribute}": Totals.of(tally) for (method, attribute), tally in sorted(statement.cells.items())
        },
        anomalies=statement.anomalies,
    )


def window_end(statement: Statement) -> date:
    """The day on which the window closes for good; a later reading of the same answer stops there."""
    return window_of(statement.case, statement.rules, statement.profile)[1]
