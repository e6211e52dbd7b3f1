"""What a rule set suggests for a course. Pure; the review unit decides, and may decide otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from cec_chassis.problems import FieldError
from cec_contracts.credits import Rate
from cec_contracts.vocabulary import Method, ParticipantRole
from cec_review.points.domain import Award, above
from cec_review.points.formula import BY_THE_RULES, Formula, Words, reckon

SUGGESTED = frozenset({"hour", "time", "item"})
"""Units of which a course is exactly one, or as long as it is. How many days, weeks or credits somebody spent, no
course says; nothing is suggested for those."""


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """The rates of a rule set; `minutes_per_credit_hour` is 50 in practice, whatever the law calls an hour."""

    rule_set_id: str
    effective_from: date
    minutes_per_credit_hour: int
    professions: frozenset[str]
    rates: list[Rate]


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """Suggested points, the rule set they come from, and the formula that gave them, with whose it is.

    `in_force` is false when the course ended before the first rule set for its profession; the first is used then.
    """

    profession: str
    role: ParticipantRole
    points: Decimal
    rule_set: str
    in_force: bool
    formula_of: Literal["rule_set", "review_unit"]
    formula: Words

    def award(self) -> Award:
        """The same points as an award."""
        return Award(profession=self.profession, role=self.role, points=self.points)


def rules_for(rule_sets: Iterable[RuleSet], profession: str, day: date) -> tuple[RuleSet, bool] | None:
    """The rule set by which a course that ended on a day is paid to a profession, and whether it was in force then.

    Before the first that covers the profession it is the first, as in the credit engine, so that a suggestion and a
    computed credit agree. None when no rule set covers the profession.
    """
    covering = sorted(
        (rules for rules in rule_sets if profession in rules.professions),
        key=lambda rules: (rules.effective_from, rules.rule_set_id),
    )
    if not covering:
        return None
    begun = [rules for rules in covering if rules.effective_from <= day]
    return (begun[-1], True) if begun else (covering[0], False)


def rates_for(rules: RuleSet, profession: str, method: Method) -> dict[ParticipantRole, Rate]:
    """The rate of each role a method pays a profession for: the first that names it, else the first that names nobody."""
    own: dict[ParticipantRole, Rate] = {}
    everybody: dict[ParticipantRole, Rate] = {}
    for rate in rules.rates:
        if rate.method != method or rate.per not in SUGGESTED:
            continue
        if profession in rate.professions:
            own.setdefault(rate.role, rate)
        elif not rate.professions:
            everybody.setdefault(rate.role, rate)
    return everybody | own


def excesses(awards: Sequence[Award], suggested: Iterable[Suggestion], path: str) -> Iterator[FieldError]:
    """Warnings for awards above what is suggested for the same profession and role. The unit may give them all the same;
    where nothing is suggested there is nothing to compare with. `path` is where the awards stand in the request."""
    found = {(each.profession, each.role): each for each in suggested}
    for index, award in enumerate(awards):
        suggestion = found.get((award.profession, award.role))
        if suggestion is not None and award.points > suggestion.points:
            how = (suggestion.formula.zh, suggestion.formula.en)
            yield above(award, suggestion.points, how, f"{path}[{index}].points")


def suggestions(
    rule_sets: Iterable[RuleSet],
    method: Method,
    minutes: int,
    professions: Iterable[str],
    ended_on: date,
    own: Formula = BY_THE_RULES,
) -> list[Suggestion]:
    """Points for each of the professions that a rule set covers, and each role it pays for this method.

    `own` is what the review unit has settled. Where that leaves nothing (fewer minutes than a step), nothing is suggested.
    """
    found: list[Suggestion] = []
    known = list(rule_sets)
    for profession in sorted(professions):
        chosen = rules_for(known, profession, ended_on)
        if chosen is None:
            continue
        rules, in_force = chosen
        rates = rates_for(rules, profession, method)
        found.extend(
            Suggestion(
                profession=profession,
                role=role,
                points=reckoned.points,
                rule_set=rules.rule_set_id,
                in_force=in_force,
                formula_of=reckoned.formula_of,
                formula=reckoned.formula,
            )
            for role, rate in sorted(rates.items())
            if (reckoned := reckon(rate, minutes, rules.minutes_per_credit_hour, rules.rule_set_id, own)).points
        )
    return found
