"""What a statement says about itself: whose it is, as of when, over which days, and whether it shows all that is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from cec_credits.rulesets.document import Words
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
METHODS_AT: Final = "/api/v1/credits/rule-sets/{rule_set}/methods"


class Advice(msgspec.Struct, frozen=True):
    """What every reader of a statement should know. `address` is where more stands, with the statement's own rule set
    in the place of `{rule_set}`; null where nothing more does."""

    about: Literal["individual_credits", "doubts"]
    text: Words
    address: str | None = None


ADVICE: Final = (
    Advice(
        "individual_credits",
        Words(
            zh="以個人方式申請之積分，經審查單位核定後始予計入；得由個人申請之實施方式及其積分，見適用規定之實施方式。",
            en="Points applied for in person count only once the review unit has approved them; which methods a person may "
            "apply for, and what they give, stands among the methods of the rule set.",
        ),
        METHODS_AT,
    ),
    Advice(
        "doubts",
        Words(
            zh="對課程或出席紀錄有疑義，請洽該課程之開課單位；對核定之積分有疑義，請洽審查單位；"
            "對執業執照資料有疑義，請洽衛生局。",
            en="In doubt about a course or an attendance, ask the offering unit of the course; about the points that were "
            "approved, the review unit; about licence data, the health bureau.",
        ),
    ),
)


class Window(msgspec.Struct, frozen=True):
    """The days that count; both included, and both in the calendar of the Republic as well."""

    since: date
    until: date
    since_roc: str
    until_roc: str

    @classmethod
    def of(cls, since: date, until: date) -> Window:
        return cls(since, until, roc(since), roc(until))


class StatementHead(msgspec.Struct, frozen=True):
    """`version` counts the changes of the standing; null when there is none yet, or when the past or a period is asked for.

    `merged_into` is the record that this one was merged into, `merged_from` are those that were merged into this one.
    `advice` is the same for everybody.
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
    advice: tuple[Advice, ...] = ADVICE


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
