"""The AsyncAPI 3 document of all events, made from the contracts themselves.

The caller says who publishes and consumes what and which queues the broker has; everything else (schemas, examples,
meaning in both languages) comes from this package. What AsyncAPI's AMQP binding cannot express (queue type, limits,
dead letters, retry, permissions) stands in `x-` fields.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cec_contracts.asyncapi_texts import ENVELOPE, INFO, LOG, PROMISES, PUBLIC_SERVER, SERVER, SUBSCRIBER
from cec_contracts.envelope import CONTENT_TYPE, CloudEvent, EventType
from cec_contracts.examples import example_of

VERSION = "3.0.0"
BINDING = "0.3.0"
PUBLIC = "public"
SUBSCRIBER_QUEUE = "gov.{subscriber}.events"

Json = dict[str, Any]


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange as it is declared."""

    name: str
    type: str
    arguments: Json = {}


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as it is declared; `bindings` are pairs of exchange and routing key."""

    name: str
    arguments: Json = {}
    bindings: tuple[tuple[str, str], ...] = ()


class Topology(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is declared in one virtual host."""

    exchanges: tuple[Exchange, ...] = ()
    queues: tuple[Queue, ...] = ()


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """A service as the bus sees it. `queues` has its live queue first, then the others that belong to it."""

    name: str
    publishes: tuple[EventType[Any], ...] = ()
    consumes: tuple[EventType[Any], ...] = ()
    queues: tuple[Queue, ...] = ()


def asyncapi_document(
    participants: Sequence[Participant], *, exchanges: Sequence[Exchange], public: Topology, version: str
) -> Json:
    """The document. The same input gives the same output: nothing in it depends on the machine or the time."""
    events = {event.name: event for each in participants for event in (*each.publishes, *each.consumes)}
    publishers = {event.name: each.name for each in participants for event in each.publishes}
    declared = {exchange.name: exchange for exchange in (*exchanges, *public.exchanges)}
    channels: Json = {}
    operations: Json = {}
    for name, event in sorted(events.items()):
        consumers = [each.name for each in participants if event in each.consumes]
        channels[name] = _event_channel(event, declared[event.exchange], publishers.get(name), consumers)
    for each in participants:
        for event in each.publishes:
            operations[f"{each.name}.sends.{event.name}"] = _operation("send", event.name, [event.name], each.name)
        if each.consumes:
            queue = each.queues[0]
            names = sorted(event.name for event in each.consumes)
            channels[queue.name] = _queue_channel(each, names)
            operations[f"{each.name}.receives"] = _operation("receive", queue.name, names, each.name)
    _add_public(channels, operations, public, sorted(n for n, e in events.items() if e.publisher == PUBLIC))
    return {
        "asyncapi": VERSION,
        "info": {"title": INFO["title"], "version": version, "description": INFO["description"]},
        "defaultContentType": CONTENT_TYPE,
        "servers": {"internal": SERVER, PUBLIC: PUBLIC_SERVER},
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {name: _message(event, publishers.get(name)) for name, event in sorted(events.items())},
            "schemas": _schemas(event.body for event in events.values()),
        },
    }


def _event_channel(event: EventType[Any], exchange: Exchange, publisher: str | None, consumers: list[str]) -> Json:
    return {
        "address": event.name,
        "title": event.chinese,
        "summary": event.english,
        "servers": [_ref("servers", PUBLIC if event.publisher == PUBLIC else "internal")],
        "messages": {event.name: _ref("components", "messages", event.name)},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange.name, "type": exchange.type, "durable": True, "autoDelete": False},
                "bindingVersion": BINDING,
            }
        },
        "x-exchange-arguments": exchange.arguments,
        "x-publisher": publisher,
        "x-consumers": consumers,
    }


def _queue_channel(participant: Participant, names: Sequence[str]) -> Json:
    live, *others = participant.queues
    return {
        "address": live.name,
        "title": f"{participant.name} 的佇列",
        "summary": f"The queues of {participant.name}",
        "servers": [_ref("servers", "internal")],
        "messages": {name: _ref("components", "messages", name) for name in names},
        "bindings": _queue_binding(live.name),
        "x-arguments": live.arguments,
        "x-bindings": [{"exchange": exchange, "routingKey": key} for exchange, key in live.bindings],
        "x-dead-letter-queue": live.arguments.get("x-dead-letter-routing-key"),
        "x-retry-ladder": [
            {"queue": queue.name, "delayMilliseconds": queue.arguments["x-message-ttl"], "arguments": queue.arguments}
            for queue in sorted(others, key=lambda queue: queue.arguments.get("x-message-ttl", 0))
            if "x-message-ttl" in queue.arguments
        ],
        "x-other-queues": [
            {"queue": queue.name, "arguments": queue.arguments}
            for queue in others
            if "x-message-ttl" not in queue.arguments
        ],
    }


def _queue_binding(name: str) -> Json:
    queue = {"name": name, "durable": True, "exclusive": False, "autoDelete": False}
    return {"amqp": {"is": "queue", "queue": queue, "bindingVersion": BINDING}}


def _operation(action: str, channel: str, messages: Sequence[str], actor: str) -> Json:
    operation: Json = {
        "action": action,
        "channel": _ref("channels", channel),
        "title": f"{actor} {action}s",
        "tags": [{"name": actor}],
        "messages": [_ref("channels", channel, "messages", name) for name in messages],
    }
    if action == "send":
        # persistent, and told when no queue is bound
        operation["bindings"] = {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": BINDING}}
    else:
        operation["bindings"] = {"amqp": {"ack": True, "bindingVersion": BINDING}}
    return operation


def _add_public(channels: Json, operations: Json, public: Topology, names: Sequence[str]) -> None:
    """What other systems see: a queue of their own, the log they may read again, and what they are promised."""
    for queue in public.queues:
        is_log = queue.arguments.get("x-queue-type") == "stream"
        address = queue.name if is_log else SUBSCRIBER_QUEUE
        texts = LOG if is_log else SUBSCRIBER
        channel: Json = {
            "address": address,
            **texts["channel"],
            "servers": [_ref("servers", PUBLIC)],
            "messages": {name: _ref("components", "messages", name) for name in names},
            "bindings": _queue_binding(address),
            "x-arguments": queue.arguments,
            "x-promises": PROMISES,
        }
        if not is_log:
            channel["parameters"] = {"subscriber": {"description": texts["parameter"]}}
            channel["x-permissions"] = texts["permissions"]
        key = address.replace("{", "").replace("}", "")
        channels[key] = channel
        operations[f"{texts['operation']}"] = _operation("receive", key, names, "other systems")


def _message(event: EventType[Any], publisher: str | None) -> Json:
    data = {"$ref": f"#/components/schemas/{event.body.__name__}"}
    this: Json = {"type": {"const": event.name}, "data": data}
    if publisher is not None:
        this["source"] = {"const": f"/cec/{publisher}"}
    example = msgspec.json.decode(example_of(event.name))
    return {
        "name": event.name,
        "title": event.chinese,
        "summary": event.english,
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/CloudEvent"},
                {"type": "object", "properties": this, "required": ["type", "source", "data"]},
            ]
        },
        "examples": [{"name": event.name, "payload": example}],
    }


def _schemas(bodies: Any) -> Json:
    _, schemas = msgspec.json.schema_components(
        [CloudEvent, *dict.fromkeys(bodies)], ref_template="#/components/schemas/{name}"
    )
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    envelope = schemas["CloudEvent"]
    for name, facts in ENVELOPE.items():
        envelope["properties"][name] |= facts
    envelope["required"] = sorted({*envelope["required"], "specversion", "datacontenttype"})
    return dict(sorted(schemas.items()))


def _ref(*path: str) -> Mapping[str, str]:
    return {"$ref": "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)}
