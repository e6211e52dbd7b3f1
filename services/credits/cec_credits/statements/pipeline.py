"""The published pipeline: every record passes these steps, in this order, and keeps what it lost at each.

What a record would be worth (rate × measure or approved points, times the area multiplier) depends on nothing but the
record and is known before the first step. So every loss, at whichever step, is in the points that could have counted,
and ``counted + lost = raw`` for each record and in total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from cec_credits.rulesets.document import Words
from cec_credits.statements.admission import keep_approved, keep_attended, keep_own_profession, keep_window
from cec_credits.statements.caps import apply_group_cap, apply_method_caps, apply_period_caps
from cec_credits.statements.duplicates import settle_duplicates, settle_overlaps
from cec_credits.statements.ledger import Ledger
from cec_credits.statements.worth import explain_areas, explain_rates


class Step(NamedTuple):
    """One step: the name losses cite, what it is called, and what it does to the ledger."""

    name: str
    words: Words
    apply: Callable[[Ledger], None]


PIPELINE: Final = (
    Step("scope", Words(zh="證照類別及積分用途", en="profession and purpose"), keep_own_profession),
    Step("window", Words(zh="計算期間", en="window"), keep_window),
    Step("approval", Words(zh="課程採認", en="approval"), keep_approved),
    Step("attendance", Words(zh="出席及生效", en="attendance, and whether it has ended"), keep_attended),
    Step("duplicate", Words(zh="重複", en="duplicates"), settle_duplicates),
    Step("overlap", Words(zh="時間重疊", en="overlapping times"), settle_overlaps),
    Step("rate", Words(zh="時數及積分標準或核定積分", en="rate and measure, or approved points"), explain_rates),
    Step("area", Words(zh="執業地區加成", en="area multiplier"), explain_areas),
    Step("period_cap", Words(zh="每學期或每年上限", en="cap per semester or year"), apply_period_caps),
    Step("method_cap", Words(zh="實施方式上限", en="cap of the method"), apply_method_caps),
    Step(
        "group_cap", Words(zh="品質、倫理及法規課程上限", en="cap of quality, ethics and regulations"), apply_group_cap
    ),
)
"""Sums and requirement lines follow the last step; they take nothing."""
