"""The red dates of a unit's calendar."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

import msgspec

from cec_activities.activities.domain import Status
from cec_activities.calendar.store import Entry, entries
from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError, ValidationFailed

LONGEST: Final = timedelta(days=400)
NOT_HELD: Final = frozenset({Status.WITHDRAWN, Status.FAILED})


class RedDate(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which something begins that the unit has applied for."""

    on: date
    activities: list[Entry]


async def red_dates(tx: Transaction, organisation_id: UUID, since: date, until: date) -> list[RedDate]:
    """Days with what begins on them. What was withdrawn or failed makes no day red.

    Raises:
        ValidationFailed: the days are the wrong way round, or more than 400 apart.
    """
    if not timedelta(0) <= until - since <= LONGEST:
        message = f"起迄相距 0 至 {LONGEST.days} 日 / 0 to {LONGEST.days} days apart"
        raise ValidationFailed(errors=[FieldError("query.until", "period", message)])
    held = [entry for entry in await entries(tx, organisation_id, since, until) if entry.status not in NOT_HELD]
    return [
        RedDate(on=day, activities=list(begins)) for day, begins in groupby(held, key=lambda entry: entry.starts_on)
    ]
