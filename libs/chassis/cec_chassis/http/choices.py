"""Which values a field allows that has a list of them, so that a refusal can say them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import inspect

_STEP = re.compile(r"\.(?P<field>[^.\[]+)|\[[^\]]*\]")


def choices_at(kind: Any, path: str) -> tuple[str, ...]:
    """The values of the enumeration or literals at `path` (`$.courses[0].attribute`) in a value of type `kind`, in order;
    empty where the path leads to something else."""
    nodes = list(_plain(inspect.type_info(kind)))
    for step in _STEP.finditer(path):
        nodes = [inner for node in nodes for found in _inside(node, step["field"]) for inner in _plain(found)]
    found: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, inspect.EnumType):
            found |= {str(member.value): None for member in node.cls}
        elif isinstance(node, inspect.LiteralType):
            found |= {str(value): None for value in node.values}
    return tuple(found)


def _plain(node: Any) -> Iterator[Any]:
    if isinstance(node, inspect.Metadata):
        yield from _plain(node.type)
    elif isinstance(node, inspect.UnionType):
        for option in node.types:
            yield from _plain(option)
    else:
        yield node


def _inside(node: Any, field: str | None) -> Iterator[Any]:
    if field is not None and isinstance(node, inspect.StructType):
        yield from (each.type for each in node.fields if each.encode_name == field)
    elif isinstance(node, inspect.TupleType):
        yield from node.item_types
    elif hasattr(node, "item_type"):
        yield node.item_type
    elif hasattr(node, "value_type"):
        yield node.value_type
