"""Compares two JSON Schemas the way the people on the other side would feel it.

`given` is what others give us (request bodies, parameters, events we kept and read again): everything that was accepted
must still be accepted. `told` is what we tell others (responses, events): nothing may come that could not come before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def resolve(document: Json, schema: Json) -> Json:
    """Follows `$ref` inside the document and merges `allOf`."""
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        schema = found
    if "allOf" not in schema:
        return schema
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema["allOf"]:
        resolved = resolve(document, part)
        properties = {**merged.get("properties", {})}
        for name, value in resolved.get("properties", {}).items():
            properties[name] = {"allOf": [properties[name], value]} if properties.get(name) else value
        required = sorted({*merged.get("required", ()), *resolved.get("required", ())})
        merged |= {**resolved, "properties": properties, "required": required}
        if not properties:
            del merged["properties"], merged["required"]
    return merged


def variants(document: Json, schema: Json) -> list[Json]:
    """The kinds of value a schema allows: `anyOf`, `oneOf` and lists of types taken apart."""
    schema = resolve(document, schema)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [found for option in schema[word] for found in variants(document, option)]
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [{**schema, "type": kind} for kind in kinds]
    return [schema]


class Comparison:
    """One old and one new document; the schemas may refer to parts of their own."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old = old
        self._new = new
        self._walking: set[tuple[object, object, bool]] = set()

    def given(self, old: Json, new: Json, where: str) -> list[str]:
        """What others could give and now cannot."""
        return list(self._compare(old, new, where, told=False))

    def told(self, old: Json, new: Json, where: str) -> list[str]:
        """What others may now be told and could not be told before."""
        return list(self._compare(old, new, where, told=True))

    def _compare(self, old: Json, new: Json, where: str, *, told: bool) -> Iterator[str]:
        # a schema that contains itself comes back by its name
        key = (old.get("$ref", id(old)), new.get("$ref", id(new)), told)
        if key in self._walking:
            return
        self._walking.add(key)
        before, after = variants(self._old, old), variants(self._new, new)
        # each kind on the stricter side must find its like on the other
        wanted, offered = (after, before) if told else (before, after)
        for kind in wanted:
            yield from self._best(kind, offered, where, told=told)
        self._walking.discard(key)

    def _best(self, wanted: Json, offered: list[Json], where: str, *, told: bool) -> list[str]:
        """Nothing when one of the offered kinds fits; else what is wrong with the nearest."""
        tried: list[list[str]] = []
        for candidate in offered:
            old, new = (candidate, wanted) if told else (wanted, candidate)
            breaks = list(self._single(old, new, where, told=told))
            if not breaks:
                return []
            tried.append(breaks)
        alike = [breaks for kind, breaks in zip(offered, tried, strict=True) if _kind(kind) == _kind(wanted)]
        if alike:
            return min(alike, key=len)
        word = "may now also be" if told else "may no longer be"
        return [
            f"{where}: {word} {_kind(wanted)} (was {_names(offered)})" if told else f"{where}: {word} {_kind(wanted)}"
        ]

    def _single(self, old: Json, new: Json, where: str, *, told: bool) -> Iterator[str]:
        if _kind(old) != _kind(new):
            yield f"{where}: type changed from {_kind(old)} to {_kind(new)}"
            return
        yield from _facets(old, new, where, told=told)
        yield from self._object(old, new, where, told=told)
        if "items" in old and "items" in new:
            yield from self._compare(old["items"], new["items"], f"{where}[]", told=told)

    def _object(self, old: Json, new: Json, where: str, *, told: bool) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            if name not in after:
                yield f"{where}.{name}: removed"
            else:
                yield from self._compare(before[name], after[name], f"{where}.{name}", told=told)
        if told:
            for name in sorted((required_before - required_after) & set(after)):
                yield f"{where}.{name}: may now be missing"
        else:
            for name in sorted(required_after - required_before):
                yield f"{where}.{name}: {'now required' if name in before else 'new and required'}"
        more_before, more_after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if not told and more_before is not False and more_after is False:
            yield f"{where}: unknown fields are now refused"
        if isinstance(more_before, Mapping) and isinstance(more_after, Mapping):
            yield from self._compare(more_before, more_after, f"{where}.*", told=told)


def _facets(old: Json, new: Json, where: str, *, told: bool) -> Iterator[str]:
    """Enumerations, formats and bounds: narrowing hurts those who give, widening those who are told."""
    yield from _values(_allowed(old), _allowed(new), where, told=told)
    for name in ("format", "pattern"):
        before, after = old.get(name), new.get(name)
        stricter, looser = (before, after) if told else (after, before)
        if stricter is not None and stricter != looser:
            yield f"{where}: {name} changed from {before} to {after}"
    for names, sign in ((_LOWER_BOUNDS, 1), (_UPPER_BOUNDS, -1)):
        for name in names:
            before, after = old.get(name), new.get(name)
            stricter, looser = (before, after) if told else (after, before)
            if stricter is not None and (looser is None or sign * stricter > sign * looser):
                yield f"{where}: {name} changed from {before} to {after}"


def _values(before: set[str] | None, after: set[str] | None, where: str, *, told: bool) -> Iterator[str]:
    if told and before is not None:
        for value in sorted((after or {"any value"}) - before):
            yield f"{where}: may now also be {value}"
    if not told and after is not None:
        for value in sorted((before or {"any value"}) - after):
            yield f"{where}: {value} is no longer accepted"


def _allowed(schema: Json) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _kind(schema: Json) -> str:
    """`enum` without `type` is of the type of its values."""
    if "type" in schema:
        return str(schema["type"])
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    kinds = {"string" if isinstance(v, str) else "null" if v is None else type(v).__name__ for v in values}
    if kinds:
        return "/".join(sorted(kinds))
    return "object" if "properties" in schema else "anything"


def _names(schemas: list[Json]) -> str:
    return ", ".join(dict.fromkeys(_kind(schema) for schema in schemas))
