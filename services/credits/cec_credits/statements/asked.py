"""What a statement is asked for: the day, what was known by when, a period in place of the renewal window, the occasion."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from litestar.params import QueryParameter

from cec_chassis.problems import FieldError, ValidationFailed
from cec_credits.statements.domain import Period

RENEWAL: Final = "renewal"
LONGEST_NAME: Final = 60


class Asked(msgspec.Struct, frozen=True):
    """`as_of` null: today in Taipei. `known_by` null: everything that is known now. `period` null: the renewal window.

    `profile` names the occasion; which there are, the rule set in force on the day says.
    """

    as_of: date | None = None
    known_by: datetime | None = None
    period: Period | None = None
    profile: str = RENEWAL

    @property
    def plain(self) -> bool:
        """Whether the stored standing may answer it."""
        return self.known_by is None and self.period is None and self.profile == RENEWAL


async def asked_of_query(
    as_of: Annotated[
        date | None, QueryParameter(description="計算基準日 / The day in Taipei it is reckoned as of")
    ] = None,
    known_by: Annotated[
        datetime | None,
        QueryParameter(description="當時所知 / Only what had become known by this moment; with a timezone"),
    ] = None,
    since: Annotated[
        date | None, QueryParameter(description="自訂期間起日 / First day of a period of one's own")
    ] = None,
    until: Annotated[date | None, QueryParameter(description="自訂期間迄日 / Last day of it")] = None,
    profile: Annotated[
        str,
        QueryParameter(
            max_length=LONGEST_NAME,
            description="適用情形：renewal、registration、re_entry、specialist 等 / The occasion, as the rule set names it",
        ),
    ] = RENEWAL,
) -> Asked:
    """Litestar dependency `asked`.

    Raises:
        ValidationFailed: half a period, an end before its beginning, a moment without timezone.
    """
    errors: list[FieldError] = []
    if known_by is not None and known_by.tzinfo is None:
        errors.append(FieldError("query.known_by", "wrong-format", "須含時區 / Needs a timezone"))
    if (since is None) != (until is None):
        absent = "since" if since is None else "until"
        errors.append(FieldError(f"query.{absent}", "missing-field", "期間須有起日與迄日 / A period has two ends"))
    if since is not None and until is not None and until < since:
        errors.append(FieldError("query.until", "out-of-range", "迄日早於起日 / It ends before it begins"))
    if errors:
        raise ValidationFailed(errors=errors)
    period = None if since is None or until is None else Period(since, until)
    return Asked(as_of, known_by, period, profile)
