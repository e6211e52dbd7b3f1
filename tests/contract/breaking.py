"""Finds what would break those who rely on us: a released document beside the one the code makes now.

Adding is fine. Every line returned names a place and what is wrong there, for a person to read. When a break is
intended, publish the new form beside the old one (`/v2`, `.v2`), and drop the old one when nobody uses it any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.contract.breaking_schemas import Comparison, Json, resolve

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def breaks(name: str, old: Json, new: Json) -> list[str]:
    """What of the released document `old` no longer holds in `new`; `name` is the file's, and goes in front of each line."""
    found = _asyncapi(old, new) if "asyncapi" in old else _openapi(old, new)
    return [f"{name}: {line}" for line in dict.fromkeys(found)]


def _openapi(old: Json, new: Json) -> Iterator[str]:
    comparison = Comparison(old, new)
    for path, item in old["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            where = f"{method.upper()} {path}"
            operation = new["paths"].get(path, {}).get(method)
            if operation is None:
                yield f"{where}: removed"
                continue
            yield from _callers(item[method], operation, where)
            yield from _parameters(comparison, item[method], operation, where)
            yield from _request_body(comparison, item[method], operation, where)
            yield from _responses(comparison, (old, new), item[method], operation, where)
    yield from _slugs(old, new)


def _callers(old: Json, new: Json, where: str) -> Iterator[str]:
    if old.get("security") == [] and new.get("security") != []:
        yield f"{where}: needs a token now"
        return
    if new.get("security") != []:
        for role in old.get("x-roles", ()):
            if role not in new.get("x-roles", ()):
                yield f"{where}: no longer open to {role}"


def _parameters(comparison: Comparison, old: Json, new: Json, where: str) -> Iterator[str]:
    before = {(p["in"], p["name"]): p for p in old.get("parameters", ())}
    after = {(p["in"], p["name"]): p for p in new.get("parameters", ())}
    for key, parameter in before.items():
        place = f"{where} {key[0]}.{key[1]}"
        if key not in after:
            yield f"{place}: removed"
            continue
        if after[key].get("required") and not parameter.get("required"):
            yield f"{place}: now required"
        yield from comparison.given(parameter.get("schema", {}), after[key].get("schema", {}), place)
    for key, parameter in after.items():
        if key not in before and parameter.get("required"):
            yield f"{where} {key[0]}.{key[1]}: new and required"


def _request_body(comparison: Comparison, old: Json, new: Json, where: str) -> Iterator[str]:
    before, after = old.get("requestBody"), new.get("requestBody")
    if before is None:
        if after is not None and after.get("required"):
            yield f"{where} body: new and required"
        return
    if after is None:
        yield f"{where} body: removed"
        return
    if after.get("required") and not before.get("required"):
        yield f"{where} body: now required"
    for kind, media in before["content"].items():
        if kind not in after["content"]:
            yield f"{where} body: {kind} is no longer accepted"
        else:
            yield from comparison.given(
                media.get("schema", {}), after["content"][kind].get("schema", {}), f"{where} body"
            )


def _responses(comparison: Comparison, documents: tuple[Json, Json], old: Json, new: Json, where: str) -> Iterator[str]:
    for status, response in old["responses"].items():
        place = f"{where} {status}"
        if status not in new["responses"]:
            if status < "4":
                yield f"{place}: removed"
            continue
        before = resolve(documents[0], response)
        after = resolve(documents[1], new["responses"][status])
        # HTTP gives 204 no body: one that a document once described was never sent.
        for kind, media in before.get("content", {}).items() if status != "204" else ():
            if kind not in after.get("content", {}):
                yield f"{place}: no longer answers {kind}"
            else:
                yield from comparison.told(media.get("schema", {}), after["content"][kind].get("schema", {}), place)


def _slugs(old: Json, new: Json) -> Iterator[str]:
    def of(document: Json) -> list[str]:
        schemas: Any = document.get("components", {}).get("schemas", {})
        examples: list[str] = schemas.get("Problem", {}).get("properties", {}).get("type", {}).get("examples", [])
        return examples

    for slug in of(old):
        if slug not in of(new):
            yield f"{slug}: this problem is gone; clients may rely on its slug"


def _asyncapi(old: Json, new: Json) -> Iterator[str]:
    comparison = Comparison(old, new)
    for name, channel in old["channels"].items():
        now = new["channels"].get(name)
        if now is None:
            yield f"{name}: removed"
            continue
        if channel["address"] != now["address"]:
            yield f"{name}: address changed from {channel['address']} to {now['address']}"
        yield from _exchange(channel, now, name)
        yield from _queues(channel, now, name)
        if channel.get("x-publisher") and not now.get("x-publisher"):
            yield f"{name}: nobody publishes it any more"
        for message in channel["messages"]:
            if message not in now["messages"]:
                yield f"{name}: no longer carries {message}"
    for name, message in old["components"]["messages"].items():
        now = new["components"]["messages"].get(name)
        if now is None:
            continue  # its channel has been missed already
        yield from comparison.told(message["payload"], now["payload"], name)
        for line in comparison.given(message["payload"], now["payload"], name):
            yield f"{line} (kept events are read again by republish)"


def _exchange(old: Json, new: Json, where: str) -> Iterator[str]:
    before, after = (c["bindings"]["amqp"].get("exchange", {}) for c in (old, new))
    if before.get("name") != after.get("name"):
        yield f"{where}: exchange changed from {before.get('name')} to {after.get('name')}"
    elif before != after or old.get("x-exchange-arguments") != new.get("x-exchange-arguments"):
        yield f"{where}: an exchange that exists cannot be declared with other arguments"


def _queues(old: Json, new: Json, where: str) -> Iterator[str]:
    before, after = _arguments(old), _arguments(new)
    for queue, arguments in before.items():
        if queue not in after:
            yield f"{where}: queue {queue} removed; what is in it stays there unread"
        elif arguments != after[queue]:
            yield f"{where}: queue {queue} exists with other arguments, which the broker refuses (406)"


def _arguments(channel: Json) -> dict[str, Mapping[str, Any]]:
    found = {channel["address"]: channel["x-arguments"]} if "x-arguments" in channel else {}
    for part in (*channel.get("x-retry-ladder", ()), *channel.get("x-other-queues", ())):
        found[part["queue"]] = part["arguments"]
    return found
