"""The 身分證統一編號 and 統一證號 (resident certificate): checksum, mask and keyed index. Pure: no I/O, no state.

Three forms are in use: the national ID (`A123456789`), the resident certificate of two letters (until 2031-01-01) and
the one of a letter and 8 or 9 (since 2021-01-02). The full number is kept nowhere but in identity, encrypted; every
other place knows only `index` (finds a person, tells nothing) and `mask`. No error here repeats what was typed.
"""

from __future__ import annotations

import hmac
import re
from operator import mul

from cec_contracts import codes

_FORM = re.compile(r"[A-Z][1289A-D][0-9]{8}")
_WITHIN = re.compile(rf"(?<![0-9A-Z]){_FORM.pattern}(?![0-9A-Z])")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of their values from 10 on: A10 … H17, J18 … N22, P23 … V29, X30, Y31, W32, Z33, I34, O35."""
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1, 1)
MINIMUM_INDEX_KEY_BYTES = 16


class InvalidNationalId(ValueError):
    """The text is no national ID; it is not repeated. `slug` is `national-id-format` or `national-id-checksum`."""

    def __init__(self, slug: str, message: str) -> None:
        self.slug = slug
        super().__init__(message)


def canonical(text: str) -> str:
    """The text as it is compared and stored, like every other code."""
    return codes.canonical(text)


def validate(text: str) -> str:
    """The canonical form of a national ID or resident certificate number whose checksum holds.

    Raises:
        InvalidNationalId: the form or the checksum is wrong.
    """
    number = canonical(text)
    if _FORM.fullmatch(number) is None:
        raise InvalidNationalId(
            "national-id-format",
            "身分證或統一證號格式錯誤 / Not the form of a national ID or resident certificate number",
        )
    if _checksum(number) % 10:
        raise InvalidNationalId(
            "national-id-checksum", "身分證或統一證號檢查碼錯誤 / The checksum of the national ID is wrong"
        )
    return number


def stands_in(text: str) -> bool:
    """Whether a word of the text has the form of such a number, in any width and capitals; checksums do not matter."""
    return _WITHIN.search(canonical(text)) is not None


def mask(number: str) -> str:
    """`A12****789` for A123456789: enough to recognise one's own, too little to use it. No number: only stars."""
    return f"{number[:3]}****{number[-3:]}" if len(number) == 10 else "*" * 10


def index(key: bytes, number: str) -> str:
    """HMAC-SHA256 of a valid number as 64 hexadecimal digits: equal for equal people, useless without the key.

    Validates first, so `a123456789` and `Ａ１２３４５６７８９` give the same index as `A123456789`.

    Raises:
        InvalidNationalId: the number is not valid.
        ValueError: the key is shorter than 16 bytes.
    """
    if len(key) < MINIMUM_INDEX_KEY_BYTES:
        raise ValueError(f"the index key needs at least {MINIMUM_INDEX_KEY_BYTES} bytes")
    return hmac.digest(key, validate(number).encode("ascii"), "sha256").hex()


def _checksum(number: str) -> int:
    tens, units = divmod(10 + _LETTERS.index(number[0]), 10)
    second = number[1]
    # The old resident form has a letter here, of which only the units digit counts: A 0, B 1, C 2, D 3.
    first_digit = _LETTERS.index(second) % 10 if second.isalpha() else int(second)
    digits = (first_digit, *map(int, number[2:]))
    weighted: int = sum(map(mul, _WEIGHTS, digits))
    return tens + 9 * units + weighted
