"""What became of rows of the registry, whatever they were about."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from cec_chassis.problems import FieldError


class Outcome(StrEnum):
    """What became of a row. Of a practitioner it is seen as a person in a profession."""

    CREATED = "created"  # the person, or the person in this profession, was not known
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"  # another system looks after the profession
    REFUSED = "refused"


class Shown(StrEnum):
    """The same as it was told before professions could be handled elsewhere; clients know these four."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class RowResult(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became of one row. `line` counts from 1, the header; errors and warnings name the cell, never its content.

    `number` is the 人員代碼 of a practitioner or the code of an institution. `skipped`: another system looks after the
    profession, so nothing was changed, whatever the row says.
    """

    line: int
    result: Shown
    practitioner_id: UUID | None = None
    number: str | None = None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()
    skipped: bool = False

    @property
    def outcome(self) -> Outcome:
        """What it is counted as."""
        return Outcome.SKIPPED if self.skipped else Outcome(self.result.value)


def shown(outcome: Outcome) -> Shown:
    """How an outcome is told."""
    return Shown.UNCHANGED if outcome is Outcome.SKIPPED else Shown(outcome.value)


class TakenRows(NamedTuple):
    """A result for each row, in their order, and the number of people the others are told of."""

    results: list[RowResult]
    events: int
