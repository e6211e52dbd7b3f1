"""What a statement says about itself: whose it is, as of when, over which days, and whether it shows all that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Literal, get_args
from uuid import UUID

import msgspec

from cec_credits import texts
from cec_credits.rulesets.document import Words
from cec_credits.statements.domain import Period
from cec_credits.statements.roc import roc

Freshness = Literal["current", "working"]

FRESHNESS: Final[Mapping[Freshness, Words]] = texts.each("freshness", get_args(Freshness))
INTO_ANOTHER: Final = texts.words("merge.into_another")
FROM_OTHERS: Final = texts.words("merge.from_others")
NOT_BEGUN: Final = texts.words("window.not_begun")
METHODS_AT: Final = "/api/v1/credits/rule-sets/{rule_set}/methods"


class Advice(msgspec.Struct, frozen=True):
    """What every reader of a statement should know. `address` is where more stands, for the statement's own rule set;
    null where nothing more does."""

    about: Literal["individual_credits", "doubts"]
    text: Words
    address: str | None = None


INDIVIDUAL_CREDITS: Final = texts.words("advice.individual_credits")
DOUBTS: Final = Advice("doubts", texts.words("advice.doubts"))


@lru_cache(maxsize=64)
def advice_under(rule_set: str) -> tuple[Advice, ...]:
    """The advice that a statement under a rule set gives; the same for everybody."""
    return Advice("individual_credits", INDIVIDUAL_CREDITS, METHODS_AT.format(rule_set=rule_set)), DOUBTS


class Window(msgspec.Struct, frozen=True):
    """The days that count; both included, and both in the calendar of the Republic as well.

    `remark` is there while the window has not begun: `since` and `until` are then its first and its last day.
    """

    since: date
    until: date
    since_roc: str
    until_roc: str
    remark: Words | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, window: Period, as_of: date) -> Window:
        since, until = window.since, window.until
        return cls(since, until, roc(since), roc(until), not_begun(since) if since > as_of else msgspec.UNSET)


def not_begun(since: date) -> Words:
    """Said of a window whose first day is still to come."""
    return Words(zh=NOT_BEGUN.zh.format(since=roc(since)), en=NOT_BEGUN.en.format(since=since))


class StatementHead(msgspec.Struct, frozen=True):
    """`version` counts the changes of the standing; null when there is none yet, or when the past or a period is asked for.

    `merged_into` is the record that this one was merged into, `merged_from` are those that were merged into this one.
    `freshness` is `current`, or `working` while a change that has arrived is not yet in the totals.
    """

    practitioner_id: UUID
    profession: str
    as_of: date
    as_of_roc: str
    known_by: datetime | None
    window: Window
    version: int | None
    computed_at: datetime
    freshness: Freshness
    freshness_text: Words
    merged_into: UUID | None
    merged_from: list[UUID]
    merged_text: Words | None
    advice: tuple[Advice, ...]


def head_of(
    practitioner_id: UUID,
    profession: str,
    as_of: date,
    window: Window,
    *,
    rule_set: str,
    version: int | None,
    computed_at: datetime,
    working: bool,
    known_by: datetime | None = None,
    merged_into: UUID | None = None,
    merged_from: Sequence[UUID] = (),
) -> StatementHead:
    """The head with everything that follows from the rest written out."""
    freshness: Freshness = "working" if working else "current"
    return StatementHead(
        practitioner_id,
        profession,
        as_of,
        roc(as_of),
        known_by,
        window,
        version,
        computed_at,
        freshness,
        FRESHNESS[freshness],
        merged_into,
        list(merged_from),
        INTO_ANOTHER if merged_into is not None else FROM_OTHERS if merged_from else None,
        advice_under(rule_set),
    )
