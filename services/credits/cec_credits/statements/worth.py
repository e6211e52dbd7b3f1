"""What a record would be worth if nothing were taken: rate × measure or approved points, then the area multiplier."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Final

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.domain import ONE, ORDINARY, Rate, Terms
from cec_credits.statements.domain import ZERO, Case, Entry, Record, State
from cec_credits.statements.ledger import Ledger, lose_all, note

CENT: Final = Decimal("0.01")
DAYS_IN_WEEK: Final = 7
REMEMBERED: Final = 2048
"""How many lengths of courses are remembered per rate, so that odd input cannot fill the memory."""

_ORDER = attrgetter("ends_on", "id")
_NOTHING_MORE: Final[dict[str, object]] = {}
"""The entry itself knows its factor and its points before and after."""


def open_entries(case: Case, book: RuleBook) -> list[Entry]:
    """An entry per record with its full worth, in the order in which caps consume: day of effect, then id.

    The rate is that of the rule set in force on the day the record ended, the area that in which the person practised
    on that day.
    """
    chain = book.chain(case.profession)
    starts = [rules.document.effective_from for rules in chain[1:]]
    starts.append(date.max)
    areas = sorted(case.practice_areas, key=attrgetter("since"))
    moves = [each.since for each in areas]
    moves.append(date.max)
    rules, area = chain[0], ORDINARY
    at_rules = at_area = 0
    entries: list[Entry] = []
    for record in sorted(case.records, key=_ORDER):
        ended = record.ends_on
        while ended >= starts[at_rules]:
            at_rules += 1
            rules = chain[at_rules]
        while ended >= moves[at_area]:
            area = areas[at_area].area
            at_area += 1
        terms = rules.terms(record.method, record.role, area)
        minutes = record.minutes
        worth = terms.by_minutes.get(minutes) if minutes is not None and record.points is None else None
        base, raw = worth or worth_of(record, terms)
        entries.append(Entry(record, terms, base, raw, raw, raw))
    return entries


def worth_of(record: Record, terms: Terms) -> tuple[Decimal, Decimal]:
    """Points before and after the area multiplier, each rounded half up to 0.01 (exact wherever 50 minutes make an hour)."""
    rate = terms.rate
    hourly = False
    if record.points is not None:
        exact = record.points
    elif rate is None or _measure(record, rate) is None:
        return ZERO, ZERO
    elif rate.per == "hour":
        hourly = True
        exact = rate.points * (record.minutes or 0) / terms.minutes_per_hour * _factors(record, terms)
    else:
        exact = _paid(rate, _measure(record, rate) or ZERO) * _factors(record, terms)
    base = exact.quantize(CENT, ROUND_HALF_UP)
    raw = base if terms.factor is ONE else (exact * terms.factor).quantize(CENT, ROUND_HALF_UP)
    if hourly and terms.plain and record.minutes is not None and len(terms.by_minutes) < REMEMBERED:
        terms.by_minutes[record.minutes] = base, raw
    return base, raw


def explain_rates(ledger: Ledger) -> None:
    """Step ``rate``: whoever earns nothing by the rate table is told why; approved points need no rate."""
    live = []
    for entry in ledger.live:
        if entry.record.points is None and (entry.terms.obstacle is not None or not entry.raw):
            reason = entry.terms.obstacle or _nothing_to_pay(entry)
            if reason is not None:
                detail = {"method": entry.record.method, "role": entry.record.role}
                lose_all(entry, State.INVALID, "rate", reason, entry.terms.provision, detail)
                continue
        live.append(entry)
    ledger.live = live


def explain_areas(ledger: Ledger) -> None:
    """Step ``area``: says where a multiplier raised the worth. It takes nothing."""
    for entry in ledger.live:
        terms = entry.terms
        if terms.area_provision is not None:
            reason = "MULTIPLIER_OFFSHORE_2" if terms.area == "offshore" else "MULTIPLIER_REMOTE_1_5"
            note(entry, reason, terms.area_provision, _NOTHING_MORE)


def _measure(record: Record, rate: Rate) -> Decimal | int | None:
    """How many units the record brings; an item or a session that names no quantity is one."""
    if rate.per == "hour":
        return record.minutes
    if record.quantity is None and rate.per in {"item", "time"}:
        return 1
    return record.quantity


def _paid(rate: Rate, quantity: Decimal | int) -> Decimal:
    """Units times points; a long stay is paid by whole weeks."""
    if rate.days is not None and rate.weekly is not None and quantity > rate.days:
        return rate.weekly * (quantity // DAYS_IN_WEEK)
    return rate.points * quantity


def _factors(record: Record, terms: Terms) -> Decimal:
    factor = ONE if record.original else terms.non_original_factor
    return factor * terms.international_factor if record.international else factor


def _nothing_to_pay(entry: Entry) -> str | None:
    rate = entry.terms.rate
    return "MEASURE_MISSING" if rate is not None and _measure(entry.record, rate) is None else None
