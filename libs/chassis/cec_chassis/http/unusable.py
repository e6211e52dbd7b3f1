"""Values that JSON can say and the system cannot use: decimals that are no number, times without a zone, days out of all
reason, texts that nobody can store or see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from cec_chassis.problems import FieldError
from cec_chassis.usable import Unusable, fault_of_day, fault_of_text

_LARGEST_EXPONENT = 30
_NO_NUMBER = Unusable("out-of-range", "不是可用的數字 / Not a usable number")
_NO_ZONE = Unusable("wrong-format", "缺少時區 / The time needs a zone, for example +08:00")
_SUCH = (inspect.DecimalType, inspect.DateTimeType, inspect.DateType, inspect.StrType, inspect.AnyType)


def unusable_values(kind: Any, value: Any, path: str) -> list[FieldError]:
    """Every decimal that is infinite, not a number or absurdly long, every time without a zone, every day and every text
    that `cec_chassis.usable` does not know how to use, in `value`.

    `kind` is the type of `value`; where it holds nothing of the sort, nothing is walked through.
    """
    return list(_search(value, path)) if _holds_such(kind) else []


def _search(value: Any, path: str) -> Iterator[FieldError]:
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        for place, (name, written) in enumerate(names):
            yield from _search(getattr(value, name), f"{path}[{place}]" if config.array_like else f"{path}.{written}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _search(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            # A bad key is told by where it stands: it would be as bad in the path of its value.
            bad = fault_of_text(key, one_line=True) if isinstance(key, str) else None
            yield from [FieldError(path, *bad)] if bad else _search(item, f"{path}.{key}")
    elif fault := _fault_of(value):
        yield FieldError(path, *fault)


def _fault_of(value: Any) -> Unusable | None:
    if isinstance(value, str):
        return fault_of_text(value)
    if isinstance(value, Decimal):
        usable = value.is_finite() and abs(value.adjusted()) <= _LARGEST_EXPONENT
        return None if usable else _NO_NUMBER
    if isinstance(value, datetime) and value.tzinfo is None:
        return _NO_ZONE
    return fault_of_day(value) if isinstance(value, date) else None


@cache
def _holds_such(kind: Any) -> bool:
    seen: set[Any] = set()

    def within(node: Any) -> bool:
        if isinstance(node, _SUCH):
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
