"""Telephone and fax numbers: area code, number, extension, as the forms ask for them."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from cec_identity.fields.faults import Unacceptable

_AREA = re.compile(r"0[2-9]\d{0,2}")
_NUMBER = re.compile(r"\d{5,8}")
_EXTENSION = re.compile(r"\d{0,6}")
_HYPHENS = re.compile(r"[\s-]+")


class Telephone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """區碼、號碼、分機. A mobile number is area `09xx` and six digits."""

    area: str
    number: str
    extension: str = ""


def telephone(typed: Telephone) -> str:
    """`02-23212362#12`: digits in half width, the extension after a number sign.

    Nine or ten digits with the area code, as every line in Taiwan has; eight for the shortest (0836 and five: nine).

    Raises:
        Unacceptable: `telephone`.
    """
    area, number, extension = (_digits(part) for part in (typed.area, typed.number, typed.extension))
    fits = 9 <= len(area) + len(number) <= 10
    if not (_AREA.fullmatch(area) and _NUMBER.fullmatch(number) and _EXTENSION.fullmatch(extension) and fits):
        raise Unacceptable(
            "telephone", "請填區碼、號碼與分機 / Give area code, number and extension, as 02, 23212362 and 12"
        )
    return f"{area}-{number}" + (f"#{extension}" if extension else "")


def telephone_or_none(typed: Telephone | None) -> str:
    """Empty for none. Raises Unacceptable."""
    return "" if typed is None else telephone(typed)


def parts_of(stored: str) -> Telephone | None:
    """The parts of a stored number, None of an empty one."""
    if not stored:
        return None
    line, _, extension = stored.partition("#")
    area, _, number = line.partition("-")
    return Telephone(area=area, number=number, extension=extension)


def _digits(text: str) -> str:
    return _HYPHENS.sub("", unicodedata.normalize("NFKC", text))
