"""A JSON object that has a key twice: readers disagree on which one counts (RFC 8259 section 4), so nobody here guesses."""

from __future__ import annotations

import json
from typing import Any

from cec_chassis.problems import MalformedJson

_LONGEST_SHOWN = 100


def require_keys_once(body: bytes) -> None:
    """`body` is JSON that has been decoded already. Raises MalformedJson, naming the key."""
    if body.count(b":") < 2:
        return
    try:
        json.loads(body, object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError:
        raise MalformedJson("巢狀過深 / Nested too deeply") from None


def _pairs(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) < 2:
        return
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            shown = key[:_LONGEST_SHOWN]
            raise MalformedJson(f"欄位重複:{shown} / The field {shown} appears twice in one object")
        seen.add(key)
