"""The steps ``period_cap``, ``method_cap`` and ``group_cap``: what goes beyond a limit.

A cap is a number of points, or a share of what the occasion needs in all: a fifth of 150 at a renewal, of 25 where a
sixth of them is asked for. Caps are consumed in the order of the ledger, day of effect and then id. The record at which
a cap is reached is divided, so both totals stay exact; a record that is added later never
takes from what an earlier one had of a cap.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from cec_credits.rulesets.domain import Limit
from cec_credits.statements.domain import INVALID, ZERO, Entry, Loss
from cec_credits.statements.ledger import Ledger, lose_all, lose_part

_CENT: Final = Decimal("0.01")
_FIRST_SEMESTER: Final = 8
_SECOND_SEMESTER: Final = 2
"""An academic year 學年 begins in August, its second semester 學期 in February."""
_ROC_ERA: Final = 1911


def apply_period_caps(ledger: Ledger) -> None:
    """Caps per semester, academic year or calendar year."""
    _apply(ledger, ledger.rules.period_limits, "period_cap", "CAPPED_PERIOD", "COUNTED_PARTIAL_CAP_PERIOD")


def apply_method_caps(ledger: Ledger) -> None:
    """Caps per renewal window, of one method or of several together."""
    _apply(ledger, ledger.rules.window_limits, "method_cap", "CAPPED_METHOD", "COUNTED_PARTIAL_CAP_METHOD")


def apply_group_cap(ledger: Ledger) -> None:
    """The cap of the limited group: what goes beyond stays valid and adds nothing to what counts."""
    limited = ledger.standard.limited
    if limited.cap is None or not ledger.profile.limited_cap:
        return
    left = limited.cap.quantize(_CENT)
    provision, detail = ledger.rules.provision(limited), {"cap": limited.cap}
    for entry in ledger.live:
        if entry.record.attribute not in limited.attributes:
            continue
        if entry.valid <= left:
            left -= entry.valid
            continue
        reason = "COUNTED_PARTIAL_CAP_QEL" if left else "CAPPED_QEL"
        entry.losses += (Loss("group_cap", reason, entry.valid - left, provision, detail),)
        entry.counted = left
        left = ZERO


def period_of(limit: Limit, entry: Entry) -> str:
    """The period a record belongs to: the one it names, else the one its last day lies in (ROC academic years)."""
    if limit.per == "window":
        return ""
    record = entry.record
    if record.period is not None and limit.per != "year":
        return record.period
    return _period_by_day(limit.per, record.ends_on)


def _period_by_day(per: str, day: date) -> str:
    if per == "year":
        return str(day.year)
    year = day.year - _ROC_ERA - (day.month < _FIRST_SEMESTER)
    if per == "academic_year":
        return str(year)
    return f"{year}-{2 if _SECOND_SEMESTER <= day.month < _FIRST_SEMESTER else 1}"


def _apply(ledger: Ledger, limits: dict[str, tuple[Limit, ...]], step: str, whole: str, partial: str) -> None:
    limited = [entry for entry in ledger.live if entry.record.method in limits]
    total = ledger.total
    room: dict[tuple[Limit, str], Decimal] = {}
    for entry in limited:
        keys = [(limit, period_of(limit, entry)) for limit in limits[entry.record.method]]
        left = [room[key] if key in room else key[0].room(total) for key in keys]
        kept = min(left)
        if entry.valid <= kept:
            kept = entry.valid
        else:
            limit, period = keys[left.index(kept)]
            detail = {"cap": limit.room(total), "methods": limit.methods, "per": limit.per, "period": period}
            if kept:
                lose_part(entry, kept, step, partial, limit.provision, detail)
            else:
                lose_all(entry, INVALID, step, whole, limit.provision, detail)
        for key, space in zip(keys, left, strict=True):
            room[key] = space - kept
    if limited:
        ledger.live = [entry for entry in ledger.live if entry.state is not INVALID]
