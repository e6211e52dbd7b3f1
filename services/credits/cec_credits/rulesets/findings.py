"""What stands against publishing a rule set beside those that are published: pure, judged on a day.

A document that has faults of its own is no rule set at all and never comes here (`checks.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from cec_credits.rulesets.book import NoRuleInForce, RuleBook, UnknownProfession
from cec_credits.rulesets.document import RuleDocument
from cec_credits.rulesets.domain import RuleSet

Slug = Literal[
    "takes-effect-in-the-past",
    "effective-date-moved",
    "profession-no-longer-covered",
    "same-profession-same-day",
    "predecessor-missing",
    "nothing-changed",
]


class Finding(msgspec.Struct, frozen=True):
    """One objection, at a key of the document. A waivable one may be overruled at publication, with the reason given."""

    path: str
    slug: Slug
    message: str
    waivable: bool


def findings_of(document: RuleDocument, published: Sequence[RuleSet], today: date) -> list[Finding]:
    """Every objection to publishing ``document`` on ``today`` (a date in Taipei); empty if there is none."""
    previous = next((each for each in published if each.id == document.id), None)
    others = [each for each in published if each.id != document.id]
    return [
        *_about_the_date(document, previous, today),
        *_about_predecessors(document, others),
        *_about_professions(document, previous, others, RuleBook(published)),
    ]


def _about_the_date(document: RuleDocument, previous: RuleSet | None, today: date) -> Iterator[Finding]:
    if previous is not None and document == previous.document:
        yield Finding("id", "nothing-changed", "與已發布之版本相同 / It says what the published version says", False)
    if document.effective_from < today:
        day = document.effective_from
        message = f"生效日 {day} 早於今日 {today} / In force from {day}, before today {today}"
        yield Finding("effective_from", "takes-effect-in-the-past", message, True)
    if previous is not None and document.effective_from != previous.effective_from:
        message = (
            f"已發布版本之生效日為 {previous.effective_from}"
            f" / The published version is in force from {previous.effective_from}"
        )
        yield Finding("effective_from", "effective-date-moved", message, True)


def _about_predecessors(document: RuleDocument, others: Sequence[RuleSet]) -> Iterator[Finding]:
    names = {each.id for each in others}
    for at, name in enumerate(document.supersedes):
        if name not in names:
            message = (
                f"查無被取代之規則 {name},請先發布該規則或自 supersedes 刪除"
                f" / No rule set {name} is published; publish it first, or take it out"
            )
            yield Finding(f"supersedes[{at}]", "predecessor-missing", message, False)


def _about_professions(
    document: RuleDocument, previous: RuleSet | None, others: Sequence[RuleSet], book: RuleBook
) -> Iterator[Finding]:
    covered = [each.code for each in document.professions]
    same_day = [each for each in others if each.effective_from == document.effective_from]
    for at, code in enumerate(covered):
        for other in same_day:
            if code in other.professions:
                message = f"{other.id} 自同日起亦適用類別 {code} / {other.id} covers {code} from the same day"
                yield Finding(f"professions[{at}].code", "same-profession-same-day", message, False)
    before = set(previous.professions) if previous is not None else set()
    before |= _covered_until(document, book)
    taken_over = {code for other in same_day for code in other.professions}
    for code in sorted(before - set(covered) - taken_over):
        message = f"未涵蓋類別 {code},仍適用舊規則 / {code} is left out and stays under the older rules"
        yield Finding("professions", "profession-no-longer-covered", message, True)


def _covered_until(document: RuleDocument, book: RuleBook) -> set[str]:
    """Who is held, on the last day before, to a rule set that the document follows."""
    last_day = document.effective_from - timedelta(days=1)
    found = set()
    for code in book.professions():
        try:
            rules = book.rules_on(code, last_day)
        except (NoRuleInForce, UnknownProfession):
            continue
        if rules.document.regulation == document.regulation or rules.rule_set in document.supersedes:
            found.add(code)
    return found
