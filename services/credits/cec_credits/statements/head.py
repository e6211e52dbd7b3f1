"""What a statement says about itself: whose it is, as of when, over which days, and whether it shows all that is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from cec_credits.rulesets.document import Words
from cec_credits.statements.domain import Period
from cec_credits.statements.roc import roc

Freshness = Literal["current", "working"]

FRESHNESS: Final[dict[Freshness, Words]] = {
    "current": Words(zh="您的積分為最新。", en="The points are up to date."),
    "working": Words(zh="有異動計算中，數秒內更新。", en="A change is being worked in; look again in a few seconds."),
}

INTO_ANOTHER: Final = Words(
    zh="本筆人員資料已併入另一筆(merged_into),其全部積分計入該筆;原紀錄均保留。",
    en="This record was merged into another one (merged_into), under which all its points count; nothing was erased.",
)
FROM_OTHERS: Final = Words(
    zh="含已併入之前人員資料(merged_from)之積分;各筆紀錄註明原登錄於何筆。",
    en="Points recorded under former records (merged_from) count here; each entry says under which it was recorded.",
)


NOT_BEGUN: Final = Words(
    zh="計算期間自 {since} 起算，尚未開始，目前無計入之積分；此前結束者不屬本期。",
    en="The window begins on {since}; nothing counts in it yet, and what ends before is not part of it.",
)


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
    merged_into: UUID | None = None
    merged_from: list[UUID] = []
    merged_text: Words | None = None


def head_of(
    practitioner_id: UUID,
    profession: str,
    as_of: date,
    window: Window,
    *,
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
    )
