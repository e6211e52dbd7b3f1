"""What a record would be worth if nothing were taken: rate × measure or approved points, then the area multiplier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter, itemgetter
from typing import Final

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.domain import ONE, ORDINARY, ProfessionRules, Rate, Terms
from cec_credits.statements.domain import INVALID, ZERO, Case, Entry, Record
from cec_credits.statements.ledger import Ledger, lose_all, note

CENT: Final = Decimal("0.01")
DAYS_IN_WEEK: Final = 7
REMEMBERED: Final = 2048
"""How many lengths of courses, and how many awards, are remembered per rate: odd input cannot fill the memory."""

_ID = attrgetter("id")
_DAY = attrgetter("ends_on")
_NOTHING_MORE: Final[dict[str, object]] = {}
"""The entry itself knows its factor and its points before and after."""


def open_entries(case: Case, book: RuleBook) -> list[Entry]:
    """An entry per record with its full worth, in the order in which caps consume: day of effect, then id.

    The rate is that of the rule set in force on the day the record ended, the area that in which the person practised
    on that day.
    """
    spans = _spans(case, book)
    terms_of, until = next(spans)
    records = sorted(case.records, key=_ID)
    records.sort(key=_DAY)
    entries: list[Entry] = []
    for record in records:
        while record.ends_on >= until:
            terms_of, until = next(spans)
        terms = terms_of[record.method, record.role]
        points = record.points
        worth = terms.by_minutes.get(record.minutes) if points is None else terms.by_points.get(points)  # type: ignore[arg-type]
        base, raw = worth or worth_of(record, terms)
        entries.append(Entry(record, terms, base, raw, raw, raw))
    return entries


def _spans(case: Case, book: RuleBook) -> Iterator[tuple[Mapping[tuple[str, str], Terms], date]]:
    """The terms of each stretch of time, oldest first, and the day on which the next stretch begins."""
    first, *later = book.chain(case.profession)
    turns: list[tuple[date, ProfessionRules | str]] = [(rules.document.effective_from, rules) for rules in later]
    turns += [(each.since, each.area) for each in case.practice_areas]
    turns.sort(key=itemgetter(0))
    rules, area = first, ORDINARY
    for day, turn in turns:
        yield rules.terms_in(area), day
        if isinstance(turn, str):
            area = turn
        else:
            rules = turn
    yield rules.terms_in(area), date.max


def worth_of(record: Record, terms: Terms) -> tuple[Decimal, Decimal]:
    """Points before and after the area multiplier, each rounded half up to 0.01 (exact wherever 50 minutes make an hour)."""
    rate, points, minutes = terms.rate, record.points, record.minutes
    if points is not None:
        worth = _rounded(points, terms)
        if len(terms.by_points) < REMEMBERED:
            terms.by_points[points] = worth
        return worth
    if rate is None or _measure(record, rate) is None:
        return ZERO, ZERO
    if rate.per != "hour":
        return _rounded(_paid(rate, _measure(record, rate) or ZERO) * _factors(record, terms), terms)
    worth = _rounded(rate.points * (minutes or 0) / terms.minutes_per_hour * _factors(record, terms), terms)
    if terms.plain and minutes is not None and len(terms.by_minutes) < REMEMBERED:
        terms.by_minutes[minutes] = worth
    return worth


def _rounded(exact: Decimal, terms: Terms) -> tuple[Decimal, Decimal]:
    base = exact.quantize(CENT, ROUND_HALF_UP)
    return base, base if terms.factor is ONE else (exact * terms.factor).quantize(CENT, ROUND_HALF_UP)


def explain_rates(ledger: Ledger) -> None:
    """Step ``rate``: whoever earns nothing by the rate table is told why; approved points need no rate."""
    live = []
    for entry in ledger.live:
        if entry.record.points is None and (entry.terms.obstacle is not None or not entry.raw):
            reason = entry.terms.obstacle or _nothing_to_pay(entry)
            if reason is not None:
                detail = {"method": entry.record.method, "role": entry.record.role}
                lose_all(entry, INVALID, "rate", reason, entry.terms.provision, detail)
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
