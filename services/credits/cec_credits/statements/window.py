"""The window of days that count, and the day on which the answer may next change by itself."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from cec_credits.rulesets.document import Profile
from cec_credits.rulesets.domain import ProfessionRules
from cec_credits.statements.domain import Case, Licence, Period

DAY: Final = timedelta(days=1)
SHORTEST_USUAL: Final = 4
LONGEST_USUAL: Final = 6
"""A licence of less than 4 or more than 6 years is abnormal data 異常資料: shown, never refused."""
RENEWABLE_MONTHS: Final = 6
"""So long before it ends a licence may be renewed (Art. 7(1)); the new one then lasts so much longer than six years."""
MONTHS: Final = 12


def years_after(day: date, years: int) -> date:
    """The same day so many years later (earlier, if negative); 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or the last one of that month."""
    years, month = divmod(day.year * MONTHS + day.month - 1 - months, MONTHS)
    last = monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, last))


def shown_window(since: date, closing: date, day: date) -> Period:
    """The days of a window as far as a day; one that begins only after that day is shown whole, from its first day to
    its last: a window that holds nothing yet is not one that ends before it begins."""
    return Period(since, closing if since > day else min(day, closing))


def window_of(case: Case, rules: ProfessionRules, profile: Profile) -> tuple[Period, date]:
    """The window, and the day on which it closes for good.

    It begins the day after the licence's nominal end lies so many years back (6, Art. 13): an extension keeps the
    window open longer and does not move its beginning, so what ends in an extension counts in it and again in the
    cycle that follows; no provision says otherwise. Where every cycle lasts six years no other day belongs to two. It
    reaches to the day of evaluation, at most to its close. An occasion that looks back from the day of evaluation,
    and a person without a licence, have a window that moves.

    A licence renewed early is in force before the cycle it sets begins: renewal is open six months before the due date
    (Art. 7(1)), and the new end is reckoned from the old one (Art. 8). Until the day after the old end the cycle of the
    licence in force lies ahead, and nothing counts in it; what ends before that day belongs to the former cycle.
    """
    if case.window is not None:
        since, closing = case.window.since, case.window.until
    elif case.licence is None or profile.years is not None:
        since = _since(case.as_of, profile.years or rules.document.window.years)
        closing = case.as_of
    else:
        since = _since(case.licence.valid_until, rules.document.window.years)
        if since == case.licence.predecessor_until:
            since += DAY  # six years before 28 February lies the 29th, on which the former cycle ended
        closing = _last_day(case.licence, rules)
    return shown_window(since, closing, case.as_of), closing


def anomalies_of(licence: Licence | None) -> tuple[str, ...]:
    """Codes for what looks wrong in the licence itself, judged by its nominal end.

    A licence renewed early may last more than six years: as long as it began within the six months before its
    predecessor's nominal end and ends six years after that end, it is as the law makes it.
    """
    if licence is None or licence.valid_from is None:
        return ()
    if licence.valid_until < years_after(licence.valid_from, SHORTEST_USUAL) - DAY:
        return ("LICENCE_UNDER_4_YEARS",)
    longest = years_after(_reckoned_from(licence.valid_from, licence.predecessor_until), LONGEST_USUAL) + DAY
    if licence.valid_until > longest:
        return ("LICENCE_OVER_6_YEARS",)
    return ()


def _reckoned_from(begins: date, predecessor_until: date | None) -> date:
    """The day from which six years are reckoned: the predecessor's end where the renewal was an early one (Art. 8)."""
    if (
        predecessor_until is None
        or not months_before(predecessor_until, RENEWABLE_MONTHS) <= begins <= predecessor_until
    ):
        return begins
    return predecessor_until


def lapses_after(licence: Licence) -> date:
    """The last day on which the licence is in force, its extension with it."""
    return max(licence.valid_until, licence.extended_until or licence.valid_until)


def moves(case: Case, profile: Profile) -> int | None:
    """How many years the window looks back from the day of evaluation: 0 for those of the rule set, None if it stands still."""
    if case.window is not None or (case.licence is not None and profile.years is None):
        return None
    return profile.years or 0


def leaves_on(ended: date, years: int) -> date:
    """The first day on which a window of so many years back no longer holds something that ended on a day."""
    day = years_after(ended, years)
    while _since(day, years) <= ended:
        day += DAY
    while _since(day - DAY, years) > ended:
        day -= DAY
    return day


def _since(end: date, years: int) -> date:
    return years_after(end, -years) + DAY


def _last_day(licence: Licence, rules: ProfessionRules) -> date:
    return lapses_after(licence) if rules.document.window.open_while_extended else licence.valid_until
