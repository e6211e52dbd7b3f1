"""Which days and texts the system can use, whoever brings them: a request, a query, a file.

PostgreSQL keeps no NUL in a text and a driver turns no day of the year 1 into another time zone; both would be faults of
ours in the middle of a transaction. A text that shows other than it reads is refused for those who will read it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
"""Nobody in the system was born before, and nothing in it is valid after. Both count."""

_CONTROL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_TURNS_DIRECTION: Final = "\u202a-\u202e\u2066-\u2069"
_UNSEEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u206a-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_SUSPECT = re.compile(f"[\t\n\r{_CONTROL}{_TURNS_DIRECTION}{_UNSEEN}]")
_NEVER = re.compile(f"[{_CONTROL}{_TURNS_DIRECTION}]")
_NOT_IN_A_LINE = re.compile(f"[\t\n\r{_CONTROL}{_TURNS_DIRECTION}]")
_NOT_SEEN = re.compile(f"[{_UNSEEN}]")


class Unusable(NamedTuple):
    """What is wrong with a value, for a field error; the value itself is not repeated."""

    slug: str
    message: str


BAD_CHARACTER: Final = Unusable("bad-character", "含有控制字元 / Contains a control character")
NOTHING_TO_SEE: Final = Unusable("bad-character", "只有看不見的字元 / Has nothing but invisible characters")
NO_DAY_OF_OURS: Final = Unusable(
    "out-of-range",
    f"須介於 {FIRST_YEAR}-01-01 與 {LAST_YEAR}-12-31 / Must lie between {FIRST_YEAR}-01-01 and {LAST_YEAR}-12-31",
)


def is_plain(text: str) -> bool:
    """Whether nothing in it needs a closer look; of many texts, all of them together may be asked."""
    return _SUSPECT.search(text) is None


def fault_of_text(text: str, *, one_line: bool = False) -> Unusable | None:
    """`bad-character` for control characters, for what turns the direction of reading around, and for a text of nothing
    but characters that nobody sees (blanks are no fault here). Line breaks and tabs are good unless it is `one_line`."""
    if is_plain(text):
        return None
    if (_NOT_IN_A_LINE if one_line else _NEVER).search(text):
        return BAD_CHARACTER
    rest, unseen = _NOT_SEEN.subn("", text)
    return NOTHING_TO_SEE if unseen and not rest.strip() else None


def fault_of_day(day: date) -> Unusable | None:
    """`out-of-range` for a day, or a moment as it was written, outside the years that the system reckons with."""
    return None if FIRST_YEAR <= day.year <= LAST_YEAR else NO_DAY_OF_OURS
