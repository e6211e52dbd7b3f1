"""The published pipeline: every record passes these steps, in this order, and keeps what it lost at each.

What a record would be worth (rate × measure or approved points, times the area multiplier) depends on nothing but the
record and is known before the first step. So every loss, at whichever step, is in the points that could have counted,
and ``counted + lost = raw`` for each record and in total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from cec_credits import texts
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


PIPELINE: Final = tuple(
    Step(name, texts.words(f"step.{name}"), apply)
    for name, apply in (
        ("scope", keep_own_profession),
        ("window", keep_window),
        ("approval", keep_approved),
        ("attendance", keep_attended),
        ("duplicate", settle_duplicates),
        ("overlap", settle_overlaps),
        ("rate", explain_rates),
        ("area", explain_areas),
        ("period_cap", apply_period_caps),
        ("method_cap", apply_method_caps),
        ("group_cap", apply_group_cap),
    )
)
_TAKING_NOTHING: Final = {"method_cap": "attribute_group", "group_cap": "requirement_lines"}
PUBLISHED: Final = tuple(
    (name, texts.words(f"step.{name}"))
    for step in PIPELINE
    for name in (step.name, _TAKING_NOTHING.get(step.name))
    if name is not None
)
"""The whole way as it is told, in its order: with the forming of the limited group after the methods' caps, and the
requirement lines at the end. Those two sum up and take nothing, so no loss cites them."""
