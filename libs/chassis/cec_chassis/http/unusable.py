"""Values that JSON can say and the system cannot use: decimals that are no number, times without a zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from cec_chassis.problems import FieldError

_LARGEST_EXPONENT = 30


def unusable_values(kind: Any, value: Any, path: str) -> list[FieldError]:
    """Every decimal that is infinite, not a number or absurdly long, and every time without a zone, in `value`.

    `kind` is the type of `value`; where it holds neither decimals nor times, nothing is walked through.
    """
    return list(_search(value, path)) if _holds_such(kind) else []


def _search(value: Any, path: str) -> Iterator[FieldError]:
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
            yield FieldError(path, "out-of-range", "不是可用的數字 / Not a usable number")
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            yield FieldError(path, "wrong-format", "缺少時區 / The time needs a zone, for example +08:00")
    elif isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        for name, written in names:
            inner = f"{path}[{value.__struct_fields__.index(name)}]" if config.array_like else f"{path}.{written}"
            yield from _search(getattr(value, name), inner)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _search(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _search(item, f"{path}.{key}")


@cache
def _holds_such(kind: Any) -> bool:
    seen: set[Any] = set()

    def within(node: Any) -> bool:
        if isinstance(node, (inspect.DecimalType, inspect.DateTimeType)):
            return True
        if isinstance(node, inspect.StructType):
            if node.cls in seen:
                return False
            seen.add(node.cls)
            return any(within(field.type) for field in node.fields)
        if isinstance(node, inspect.UnionType):
            return any(within(option) for option in node.types)
        if isinstance(node, inspect.Metadata):
            return within(node.type)
        parts = [getattr(node, name, None) for name in ("item_type", "key_type", "value_type")]
        return any(within(part) for part in parts if part is not None) or any(
            within(part) for part in getattr(node, "item_types", ())
        )

    return within(inspect.type_info(kind))
