"""What credits says to the other services: rule sets in force, and where a practitioner stands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from cec_contracts.envelope import EventType, Instant
from cec_contracts.vocabulary import Method, ParticipantRole, Points, ProfessionCode


class Rate(msgspec.Struct, kw_only=True):
    """What one unit of a method gives in a role: points per credit hour, per time, per item …"""

    method: Method
    role: ParticipantRole
    per: Literal["hour", "time", "item", "academic_credit", "day", "week", "year"]
    points: Decimal
    professions: list[ProfessionCode] = []
    """Whom this rate is for; empty: everybody for whom no other rate of the same method and role stands."""


class RuleSet(msgspec.Struct, kw_only=True):
    """The part of a rule set 規則版本 that review needs in order to suggest points."""

    rule_set_id: str
    effective_from: date
    minutes_per_credit_hour: int
    professions: list[ProfessionCode]
    rates: list[Rate]


class Standing(msgspec.Struct, kw_only=True):
    """Where a practitioner stands 積分現況 in one profession as of a day; the statement opens the detail.

    `window_until` is the last day that is counted so far, `window_end` the day on which the window closes for good: the end
    of the licence, extended or not. It is null where the window moves with the day, and in news told before it was added.
    `merged_into`: the record was merged into another one, under which all its points count; here it has none.
    """

    practitioner_id: UUID
    profession: ProfessionCode
    as_of: date
    window_since: date
    window_until: date
    rule_set: str
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    professional: Decimal
    quality_ethics_regulations: Decimal
    counted: Decimal
    infection_control_courses: int
    gender_courses: int
    met: bool
    computed_at: Instant
    merged_into: UUID | None = None
    change_pending: Points = Decimal("0.00")
    """The part of `valid` whose approval a review unit is examining anew 異動中; it stands until that is decided."""
    window_end: date | None = None


RULE_SET_PUBLISHED = EventType(
    "cec.credits.rule_set_published.v1", RuleSet, "規則版本已發布", "A rule set was published or loaded"
)
STANDING_CHANGED = EventType(
    "cec.credits.standing_changed.v1", Standing, "積分現況已變更", "A practitioner's totals changed"
)
