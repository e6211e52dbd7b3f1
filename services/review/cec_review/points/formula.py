"""How minutes become points: by the rule set, or as the review unit has settled. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from cec_contracts.credits import Rate
from cec_review.points.domain import quantised


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The same in both languages."""

    zh: str
    en: str


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """What of the way from minutes to points a review unit has settled for itself; null is the rule set's."""

    minutes_per_credit_hour: int | None = None
    minute_step: int | None = None
    """Minutes count in whole steps of this many; what is left over counts nothing."""


class Reckoned(msgspec.Struct, frozen=True, kw_only=True):
    """Points, whose formula gave them, and the formula in words."""

    points: Decimal
    formula_of: Literal["rule_set", "review_unit"]
    formula: Words


BY_THE_RULES = Formula()


def reckon(rate: Rate, minutes: int, hour: int, rule_set: str, own: Formula = BY_THE_RULES) -> Reckoned:
    """What a rate gives for a whole course; `hour` is the credit hour of the rule set in minutes.

    180 minutes at 1 an hour of 50 minutes are 3.60, at 5 an hour 18.00. What is paid by the time or by the item knows no
    minutes, so there is nothing in it for a unit to settle.
    """
    if rate.per != "hour":
        words = Words(
            zh=f"規則版本 {rule_set}：每次或每篇 {rate.points} 點",
            en=f"Rule set {rule_set}: {rate.points} points for each time or item",
        )
        return Reckoned(points=quantised(rate.points), formula_of="rule_set", formula=words)
    counted = minutes - minutes % own.minute_step if own.minute_step else minutes
    divisor = own.minutes_per_credit_hour or hour
    stepped_zh = f"{minutes} 分鐘以每 {own.minute_step} 分鐘為單位計 " if own.minute_step else ""
    stepped_en = f"{minutes} minutes in whole steps of {own.minute_step} are " if own.minute_step else ""
    by_unit = own != BY_THE_RULES
    words = Words(
        zh=f"{'審查單位設定' if by_unit else '規則版本'}（{rule_set} 每小時 {rate.points} 點）："
        f"{stepped_zh}{counted} 分鐘 ÷ {divisor} × {rate.points}",
        en=f"{'As the review unit has settled' if by_unit else 'By the rule set'} ({rule_set}, {rate.points} an hour): "
        f"{stepped_en}{counted} minutes ÷ {divisor} × {rate.points}",
    )
    return Reckoned(
        points=quantised(rate.points * counted / divisor),
        formula_of="review_unit" if by_unit else "rule_set",
        formula=words,
    )
