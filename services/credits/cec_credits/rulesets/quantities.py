"""What a number, a day or a text of a rule set may be at all, whatever it says there.

Every value of a document is looked at, wherever it stands: a field that nobody has thought of here is held to the common
range, so that none can be forgotten. What values mean beside one another is for `checks.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from cec_chassis.usable import fault_of_day, fault_of_text

LONGEST_TEXT: Final = 2_000
NAMES: Final = frozenset({"zh", "en"})
"""What people read it as, in either language."""


class Range(NamedTuple):
    """From `least` (or above it) to `most`, with at most so many decimals."""

    least: int
    most: int
    above: bool = False
    places: int = 2


MOST_POINTS: Final = 9_999
_COMMON: Final = Range(0, MOST_POINTS)
_POINTS: Final = Range(0, MOST_POINTS, above=True)
_FACTOR: Final = Range(0, 10, above=True)
_RANGES: Final[dict[str, Range]] = {
    "points": _POINTS,
    "share": Range(0, 1, above=True, places=4),
    "factor": Range(1, 10),
    "non_original_factor": _FACTOR,
    "international_factor": _FACTOR,
    "minutes": Range(0, 1_440, above=True),
    "tolerance_minutes": Range(0, 1_440),
    "years": Range(0, 100, above=True),
    "courses": Range(0, 1_000),
    "total_share": Range(1, 100),
    "at_most": Range(0, 3_660, above=True),
}
"""By the name of the field. Points go by hundredths, as everywhere; one sixth is the divisor 6 and no broken share."""


class Unfit(NamedTuple):
    """A value that cannot be used, by the key it stands at."""

    key: str
    message: str


def unfit_values(value: object, key: str = "", field: str = "") -> Iterator[Unfit]:
    """Every number, day and text below `value` that the system cannot reckon with, in the order of its keys."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from unfit_values(getattr(value, name), f"{key}.{name}".lstrip("."), name)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _unfit(key, _fault_of_text(name))
            yield from unfit_values(each, f"{key}.{name}", field)
    elif isinstance(value, tuple | list | set | frozenset):
        for at, each in enumerate(value):
            yield from unfit_values(each, f"{key}[{at}]", field)
    else:
        yield from _unfit(key, _fault_of(value, field))


def _unfit(key: str, message: str | None) -> Iterator[Unfit]:
    if message is not None:
        yield Unfit(key, message)


def _fault_of(value: object, field: str) -> str | None:
    if isinstance(value, str):
        if field in NAMES and not value.strip():
            return "不得空白 / is empty"
        return _fault_of_text(value)
    if isinstance(value, date):
        fault = fault_of_day(value)
        return fault.message if fault else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _fault_of_number(Decimal(value), _RANGES.get(field, _COMMON))
    return None


def _fault_of_number(value: Decimal, allowed: Range) -> str | None:
    least, most = allowed.least, allowed.most
    if not value.is_finite():
        return f"須為數字,介於 {least} 與 {most} / must be a number from {least} to {most}"
    if value < least or (allowed.above and value == least):
        return f"須大於 {least} / must be more than {least}" if allowed.above else _too_small(least)
    if value > most:
        return f"不得大於 {most} / must be at most {most}"
    if value != value.quantize(Decimal(1).scaleb(-allowed.places)):  # bounded by now: it cannot fail
        return f"小數至多 {allowed.places} 位 / must have at most {allowed.places} decimals"
    return None


def _too_small(least: int) -> str:
    return f"不得小於 {least} / must be {least} or more" if least else "不得為負 / must not be negative"


def _fault_of_text(text: str) -> str | None:
    if not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text):
        return "含有無法儲存的字元 / contains a character that cannot be kept"
    if len(text) > LONGEST_TEXT:
        return f"最多 {LONGEST_TEXT} 字 / must have at most {LONGEST_TEXT} characters"
    fault = fault_of_text(text)
    return fault.message if fault else None
