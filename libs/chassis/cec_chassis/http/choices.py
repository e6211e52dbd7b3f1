"""What a field allows, so that a refusal can say it: the values of a list, or the form that its declaration puts in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import inspect

FORM = "form"
_STEP = re.compile(r"\.(?P<field>[^.\[]+)|\[[^\]]*\]")


def choices_at(kind: Any, path: str) -> tuple[str, ...]:
    """The values of the enumeration or literals at `path` (`$.courses[0].attribute`) in a value of type `kind`, in order;
    empty where the path leads to something else."""
    found: dict[str, None] = {}
    for node in (plain for declared in _at(kind, path) for plain in _plain(declared)):
        if isinstance(node, inspect.EnumType):
            found |= {str(member.value): None for member in node.cls}
        elif isinstance(node, inspect.LiteralType):
            found |= {str(value): None for value in node.values}
    return tuple(found)


def form_at(kind: Any, path: str) -> str:
    """The form of the value at `path` in people's words, `中文 / English`: what the declaration of its type says with
    `Meta(pattern=…, extra={"form": …})`; empty where it says nothing."""
    for node in _at(kind, path):
        for each in getattr(node, "types", (node,)):
            if isinstance(each, inspect.Metadata) and each.extra and (form := each.extra.get(FORM)):
                return str(form)
    return ""


def _at(kind: Any, path: str) -> list[Any]:
    nodes: list[Any] = [inspect.type_info(kind)]
    for step in _STEP.finditer(path):
        outer = [plain for node in nodes for plain in _plain(node)]
        nodes = [inner for node in outer for inner in _inside(node, step["field"])]
    return nodes


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
