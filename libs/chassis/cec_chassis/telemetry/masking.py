"""Keeps what must never be written down out of the log: national IDs, access tokens, passwords in addresses.

A safety net, not a licence: code does not log such values. The net is for exception texts of libraries and for
messages that quote their input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NATIONAL_ID = re.compile(r"(?<![0-9A-Za-z])[A-Za-z][A-Da-d1289][0-9]{8}(?![0-9A-Za-z])")
"""National ID (letter, 1 or 2, eight digits), resident certificate since 2021 (letter, 8 or 9, eight digits) and
before (two letters, the second A to D, eight digits)."""
_TOKEN = re.compile(r"\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]*")
_PASSWORD_IN_URL = re.compile(r"(://[^\s/:@]*:)[^\s/@]+(@)")

_DEEPEST = 8


def masked(text: str) -> str:
    """The text with every national ID, token and password in an address struck out."""
    text = _NATIONAL_ID.sub(lambda found: found.group()[0] + "*********", text)
    if "eyJ" in text:
        text = _TOKEN.sub("[token]", text)
    if "://" in text:
        text = _PASSWORD_IN_URL.sub(r"\1***\2", text)
    return text


def masked_value(value: Any, depth: int = 0) -> Any:
    """The value with :func:`masked` applied to every text in it, keys included.

    Deeper than eight levels nothing is written at all, so that a nested structure cannot smuggle a value past the net.
    """
    if isinstance(value, str):
        return masked(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth >= _DEEPEST:
        return "[…]"
    if isinstance(value, Mapping):
        return {masked_value(key, depth + 1): masked_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [masked_value(item, depth + 1) for item in value]
    return masked(str(value))
