"""Days as people write them in files: Gregorian, or by the calendar of the Republic 民國."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Final

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2199, 12, 31)
ROC_EPOCH: Final = 1911
"""民國 1 is 1912."""

_GREGORIAN = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_REPUBLIC = re.compile(r"(民國|民)? ?([0-9]{2,3})(?:年([0-9]{1,2})月([0-9]{1,2})日|([-/.])([0-9]{1,2})\5([0-9]{1,2}))")
_DIGITS = re.compile(r"([0-9]{3,4})([0-9]{2})([0-9]{2})")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]+)?")


class NotADate(ValueError):
    """The text is no day, or more than one day; it is not repeated."""

    def __init__(self, slug: str, message: str) -> None:
        self.slug = slug
        super().__init__(message)


@lru_cache(maxsize=65_536)
def date_of(text: str) -> date:
    """The day that is written: `2016-12-05`, `2016/12/5`, `20161205`, `民國105年12月5日`, `105/12/05`, `1051205`.

    Years of two digits are taken only where 民國 stands before them: 99/1/1 may be 1999 and 2010. A number such as 42709
    is how spreadsheets count days, from one of two beginnings; which one, the number does not say.

    Raises:
        NotADate: `not-a-date`, `ambiguous-year`, `date-is-a-number`.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    if found := _GREGORIAN.fullmatch(written):
        return _day(int(found[1]), found[3], found[4])
    if found := _REPUBLIC.fullmatch(written):
        if not found[1] and len(found[2]) == 2:
            raise NotADate(
                "ambiguous-year", "年份須為西元四碼或民國三碼 / Write four digits of the year, or three of the ROC year"
            )
        return _day(ROC_EPOCH + int(found[2]), found[3] or found[6], found[4] or found[7])
    if found := _DIGITS.fullmatch(written):
        year = int(found[1])
        return _day(year if len(found[1]) == 4 else ROC_EPOCH + year, found[2], found[3])
    if _NUMBER.fullmatch(written):
        raise NotADate(
            "date-is-a-number",
            "日期被存成數字,請將儲存格格式改為日期或文字 / The date is stored as a number; format the cell as date or text",
        )
    raise _not_a_date()


def _day(year: int, month: str, day: str) -> date:
    try:
        value = date(year, int(month), int(day))
    except ValueError:
        raise _not_a_date() from None
    if not EARLIEST <= value <= LATEST:
        raise _not_a_date()
    return value


def _not_a_date() -> NotADate:
    return NotADate("not-a-date", "日期須為 YYYY-MM-DD 或民國年 / A date is YYYY-MM-DD, or a day of the ROC calendar")
