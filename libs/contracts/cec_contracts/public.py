"""What other government systems 其他機關系統 receive: own exchange, no national ID, a promise kept for years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from cec_contracts.envelope import EventType, Instant
from cec_contracts.vocabulary import Points, ProfessionCode


class PublicStanding(msgspec.Struct, kw_only=True):
    """A practitioner's totals 積分現況 in one profession, known by certificate number 證書字號.

    `merged_into`: this record and that one are one person; all points are told under that id from now on.
    """

    practitioner_id: UUID
    profession: ProfessionCode
    certificate_number: str
    as_of: date
    rule_set: str
    valid: Decimal
    invalid: Decimal
    counted: Decimal
    met: bool
    computed_at: Instant
    merged_into: UUID | None = None
    change_pending: Points = Decimal("0.00")
    """The part of `valid` whose approval a review unit is examining anew 異動中; it stands until that is decided."""


PUBLIC_STANDING_CHANGED = EventType(
    "cec.public.standing_changed.v1",
    PublicStanding,
    "積分現況已變更(對外)",
    "A practitioner's totals changed, in the form for other systems",
)
