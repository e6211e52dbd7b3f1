"""The engine: a pure function from facts, rules and a day to an explained statement."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from operator import attrgetter
from typing import Final

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.domain import ProfessionRules
from cec_credits.statements.domain import EXCLUDED, OUT_OF_WINDOW, ZERO, Case, Entry, Statement
from cec_credits.statements.ledger import Ledger
from cec_credits.statements.pipeline import PIPELINE
from cec_credits.statements.requirements import courses_with, requirement_lines, tally
from cec_credits.statements.window import DAY, anomalies_of, lapses_after, leaves_on, moves, window_of
from cec_credits.statements.worth import open_entries

_ENDS: Final = attrgetter("record.ends_on")


class UnknownProfile(Exception):
    """The rule set knows no such occasion, or not for this profession."""

    def __init__(self, profile: str, rules: ProfessionRules) -> None:
        super().__init__(f"{rules.rule_set} has no profile {profile!r} for the profession {rules.profession.code!r}")
        self.profile = profile
        self.rule_set = rules.rule_set
        self.possible = rules.occasions()


def evaluate(case: Case, rules: RuleBook) -> Statement:
    """What the records of a case come to on its day.

    Caps and thresholds are those of the rule set in force on ``case.as_of``, rates those in force on the day each record
    ended. The answer depends on nothing else and does not depend on the order of the records.

    Raises:
        UnknownProfession: no rule set covers the profession.
        NoRuleInForce: none does yet on that day.
        UnknownProfile: the occasion is not open to the profession.
    """
    held_to = rules.rules_on(case.profession, case.as_of)
    profile = held_to.profile(case.profile)
    if profile is None:
        raise UnknownProfile(case.profile, held_to)
    window, closing = window_of(case, held_to, profile)
    ledger = Ledger(
        case=case,
        book=rules,
        rules=held_to,
        standard=held_to.standard_on(case.as_of),
        profile=profile,
        window=window,
        closing=closing,
        entries=open_entries(case, rules),
    )
    for step in PIPELINE:
        step.apply(ledger)
    return _sum_up(ledger)


def _sum_up(ledger: Ledger) -> Statement:
    case, standard = ledger.case, ledger.standard
    cells = tally(ledger)
    attributes = standard.limited.attributes
    valid = counted = invalid = pending = limited = ZERO
    for (_, attribute), cell in cells.items():
        valid += cell.valid
        counted += cell.counted
        invalid += cell.invalid
        pending += cell.pending
        if attribute in attributes:
            limited += cell.valid
    out_of_window = excluded = ZERO
    for entry in ledger.entries:
        if entry.state is OUT_OF_WINDOW:
            out_of_window += entry.raw
        elif entry.state is EXCLUDED:
            excluded += entry.raw
    infection = [entry for entry in ledger.live if entry.record.infection_control]
    gendered = [entry for entry in ledger.live if entry.record.gender]
    infection_control = courses_with(infection, ledger, standard.infection_control)
    gender = courses_with(gendered, ledger, standard.gender)
    lines = requirement_lines(
        ledger,
        professional=valid - limited,
        limited=limited,
        counted=counted,
        infection_control=infection_control,
        gender=gender,
    )
    return Statement(
        case=case,
        rules=ledger.rules,
        standard=standard,
        profile=ledger.profile,
        window=ledger.window,
        closing=ledger.closing,
        entries=ledger.entries,
        cells=cells,
        valid=valid,
        invalid=invalid,
        pending=pending,
        out_of_window=out_of_window,
        excluded=excluded,
        professional=valid - limited,
        quality_ethics_regulations=limited,
        counted=counted,
        change_pending=sum((entry.valid for entry in ledger.under_change), ZERO),
        infection_control_courses=infection_control,
        gender_courses=gender,
        requirements=lines,
        met=all(line.met for line in lines if line.required),
        anomalies=anomalies_of(case.licence),
        changes_on=_next_change(ledger),
    )


def _next_end(entries: list[Entry], after: date) -> list[date]:
    """The next day on which a record ends, if any; the entries stand in that order."""
    at = bisect_right(entries, after, key=_ENDS)
    return [entries[at].record.ends_on] if at < len(entries) else []


def _next_change(ledger: Ledger) -> date | None:
    """The first day on which a record ends or leaves, the window begins or closes, the licence lapses, or the rules change."""
    case = ledger.case
    days = _next_end(ledger.entries, case.as_of)
    years = moves(case, ledger.profile)
    if years is not None:
        years = years or ledger.rules.document.window.years
        since = ledger.window.since
        days += [leaves_on(entry.record.ends_on, years) for entry in ledger.entries if entry.record.ends_on >= since]
    elif ledger.closing >= case.as_of:
        days += [ledger.window.since, ledger.closing + DAY]
    if case.licence is not None:
        days.append(lapses_after(case.licence) + DAY)
    rules_change = ledger.book.next_change(case.profession, case.as_of)
    if rules_change is not None:
        days.append(rules_change)
    return min((day for day in days if day > case.as_of), default=None)
