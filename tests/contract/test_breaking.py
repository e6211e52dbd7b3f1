"""The checker for breaking changes sees each kind of break, and lets every addition pass."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from tests.contract.breaking import breaks

Document = dict[str, Any]
Change = Callable[[Document], None]

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string", "maxLength": 20},
        "kind": {"enum": ["cat", "dog"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "owner": {"$ref": "#/components/schemas/Owner"},
        "tags": {"type": "array", "items": {"type": "integer", "minimum": 1}},
    },
}
OWNER = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "pets": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
    },
}
OPENAPI: Document = {
    "openapi": "3.1.0",
    "paths": {
        "/pets/{id}": {
            "put": {
                "security": [{"bearer": []}],
                "x-roles": ["vet", "owner"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "page", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                },
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                    "409": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
                },
            }
        },
        "/kinds": {"get": {"security": [], "responses": {"200": {"content": {}}}}},
    },
    "components": {
        "schemas": {
            "Pet": PET,
            "Owner": OWNER,
            "Problem": {"type": "object", "properties": {"type": {"examples": ["/problems/pet-asleep"]}}},
        }
    },
}
ASYNCAPI: Document = {
    "asyncapi": "3.0.0",
    "channels": {
        "cec.pets.adopted.v1": {
            "address": "cec.pets.adopted.v1",
            "messages": {"cec.pets.adopted.v1": {}},
            "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "cec.pets", "type": "topic"}}},
            "x-exchange-arguments": {},
            "x-publisher": "pets",
        },
        "vets.events": {
            "address": "vets.events",
            "messages": {"cec.pets.adopted.v1": {}},
            "bindings": {"amqp": {"is": "queue"}},
            "x-arguments": {"x-delivery-limit": 20},
            "x-retry-ladder": [{"queue": "vets.events.retry.1s", "arguments": {"x-message-ttl": 1000}}],
            "x-other-queues": [{"queue": "vets.events.dead", "arguments": {}}],
        },
    },
    "components": {
        "messages": {
            "cec.pets.adopted.v1": {
                "payload": {
                    "allOf": [
                        {
                            "type": "object",
                            "required": ["id", "data"],
                            "properties": {"id": {"type": "string"}, "data": {}, "type": {"type": "string"}},
                        },
                        {
                            "type": "object",
                            "required": ["data"],
                            "properties": {
                                "type": {"const": "cec.pets.adopted.v1"},
                                "data": {"$ref": "#/components/schemas/Pet"},
                            },
                        },
                    ]
                }
            }
        },
        "schemas": {"Pet": PET, "Owner": OWNER},
    },
}


def _operation(document: Document) -> Document:
    operation: Document = document["paths"]["/pets/{id}"]["put"]
    return operation


def _pet(document: Document) -> Document:
    pet: Document = document["components"]["schemas"]["Pet"]
    return pet


def _field(name: str, schema: Document) -> Change:
    return lambda d: _pet(d)["properties"].update({name: schema})


def _require(*names: str) -> Change:
    return lambda d: _pet(d)["required"].extend(names)


def _required_field(name: str, schema: Document) -> Change:
    def change(document: Document) -> None:
        _pet(document)["properties"][name] = schema
        _pet(document)["required"].append(name)

    return change


def _forget_event(document: Document) -> None:
    del document["channels"][EVENT], document["components"]["messages"][EVENT]


REQUEST = "PUT /pets/{id} body"
RESPONSE = "PUT /pets/{id} 200"

OPENAPI_BREAKS: list[tuple[str, Change, list[str]]] = [
    ("path removed", lambda d: d["paths"].pop("/kinds"), ["GET /kinds: removed"]),
    ("operation removed", lambda d: d["paths"]["/kinds"].pop("get"), ["GET /kinds: removed"]),
    (
        "public route closed",
        lambda d: d["paths"]["/kinds"]["get"].update(security=[{"bearer": []}]),
        ["GET /kinds: needs a token now"],
    ),
    ("role shut out", lambda d: _operation(d)["x-roles"].remove("vet"), ["PUT /pets/{id}: no longer open to vet"]),
    ("parameter removed", lambda d: _operation(d)["parameters"].pop(1), ["PUT /pets/{id} query.page: removed"]),
    (
        "parameter required",
        lambda d: _operation(d)["parameters"][1].update(required=True),
        ["PUT /pets/{id} query.page: now required"],
    ),
    (
        "new required parameter",
        lambda d: _operation(d)["parameters"].append({"name": "x", "in": "header", "required": True}),
        ["PUT /pets/{id} header.x: new and required"],
    ),
    (
        "parameter narrowed",
        lambda d: _operation(d)["parameters"][1]["schema"].update(maximum=50),
        ["PUT /pets/{id} query.page: maximum changed from 100 to 50"],
    ),
    (
        "parameter of another type",
        lambda d: _operation(d)["parameters"][1].update(schema={"type": "string"}),
        ["PUT /pets/{id} query.page: may no longer be integer"],
    ),
    (
        "media type removed",
        lambda d: _operation(d)["requestBody"].update(content={"text/csv": {}}),
        [f"{REQUEST}: application/json is no longer accepted"],
    ),
    ("body removed", lambda d: _operation(d).pop("requestBody"), [f"{REQUEST}: removed"]),
    ("answer removed", lambda d: _operation(d)["responses"].pop("200"), [f"{RESPONSE}: removed"]),
    (
        "answer of another media type",
        lambda d: _operation(d)["responses"]["200"].update(content={"text/csv": {}}),
        [f"{RESPONSE}: no longer answers application/json"],
    ),
    (
        "field removed",
        lambda d: _pet(d)["properties"].pop("tags"),
        [f"{REQUEST}.tags: removed", f"{RESPONSE}.tags: removed"],
    ),
    ("new required field", _required_field("age", {"type": "integer"}), [f"{REQUEST}.age: new and required"]),
    ("field now required", _require("kind"), [f"{REQUEST}.kind: now required"]),
    ("field may be missing", lambda d: _pet(d)["required"].remove("name"), [f"{RESPONSE}.name: may now be missing"]),
    (
        "field of another type",
        _field("id", {"type": "integer"}),
        [f"{REQUEST}.id: may no longer be string", f"{RESPONSE}.id: may now also be integer (was string)"],
    ),
    ("enumeration narrowed", _field("kind", {"enum": ["cat"]}), [f"{REQUEST}.kind: 'dog' is no longer accepted"]),
    ("enumeration widened", _field("kind", {"enum": ["cat", "dog", "eel"]}), [f"{RESPONSE}.kind: may now also be 'eel'"]),
    (
        "null added",
        _field("name", {"type": ["string", "null"], "maxLength": 20}),
        [f"{RESPONSE}.name: may now also be null (was string)"],
    ),
    ("null gone", _field("note", {"type": "string"}), [f"{REQUEST}.note: may no longer be null"]),
    (
        "format changed",
        _field("id", {"type": "string", "format": "date"}),
        [f"{REQUEST}.id: format changed from uuid to date", f"{RESPONSE}.id: format changed from uuid to date"],
    ),
    ("longer texts", _field("name", {"type": "string", "maxLength": 40}), [f"{RESPONSE}.name: maxLength changed from 20 to 40"]),
    ("shorter texts", _field("name", {"type": "string", "maxLength": 9}), [f"{REQUEST}.name: maxLength changed from 20 to 9"]),
    (
        "items of another type",
        _field("tags", {"type": "array", "items": {"type": "string"}}),
        [f"{REQUEST}.tags[]: may no longer be integer", f"{RESPONSE}.tags[]: may now also be string (was integer)"],
    ),
    (
        "items narrowed",
        _field("tags", {"type": "array", "items": {"type": "integer", "minimum": 2}}),
        [f"{REQUEST}.tags[]: minimum changed from 1 to 2"],
    ),
    (
        "unknown fields refused",
        lambda d: _pet(d).update(additionalProperties=False),
        [f"{REQUEST}: unknown fields are now refused"],
    ),
    (
        "field of a part removed",
        lambda d: d["components"]["schemas"]["Owner"]["properties"].pop("name"),
        [f"{REQUEST}.owner.name: removed", f"{RESPONSE}.owner.name: removed"],
    ),
    (
        "problem gone",
        lambda d: d["components"]["schemas"]["Problem"]["properties"]["type"]["examples"].clear(),
        ["/problems/pet-asleep: this problem is gone; clients may rely on its slug"],
    ),
]  # fmt: skip

EVENT = "cec.pets.adopted.v1"
AGAIN = " (kept events are read again by republish)"
ASYNCAPI_BREAKS: list[tuple[str, Change, list[str]]] = [
    ("event removed", _forget_event, [f"{EVENT}: removed"]),
    (
        "routing key changed",
        lambda d: d["channels"][EVENT].update(address="cec.pets.taken.v1"),
        [f"{EVENT}: address changed from {EVENT} to cec.pets.taken.v1"],
    ),
    (
        "another exchange",
        lambda d: d["channels"][EVENT]["bindings"]["amqp"]["exchange"].update(name="cec.animals"),
        [f"{EVENT}: exchange changed from cec.pets to cec.animals"],
    ),
    (
        "exchange declared otherwise",
        lambda d: d["channels"][EVENT]["x-exchange-arguments"].update({"alternate-exchange": "x"}),
        [f"{EVENT}: an exchange that exists cannot be declared with other arguments"],
    ),
    ("publisher gone", lambda d: d["channels"][EVENT].update({"x-publisher": None}), [f"{EVENT}: nobody publishes it any more"]),
    (
        "queue declared otherwise",
        lambda d: d["channels"]["vets.events"]["x-arguments"].update({"x-delivery-limit": 5}),
        ["vets.events: queue vets.events exists with other arguments, which the broker refuses (406)"],
    ),
    (
        "rung of the ladder removed",
        lambda d: d["channels"]["vets.events"]["x-retry-ladder"].clear(),
        ["vets.events: queue vets.events.retry.1s removed; what is in it stays there unread"],
    ),
    (
        "consumer forgets an event",
        lambda d: d["channels"]["vets.events"]["messages"].clear(),
        [f"vets.events: no longer carries {EVENT}"],
    ),
    (
        "body field removed",
        lambda d: _pet(d)["properties"].pop("tags"),
        [f"{EVENT}.data.tags: removed", f"{EVENT}.data.tags: removed{AGAIN}"],
    ),
    (
        "body field of another type",
        _field("id", {"type": "integer"}),
        [f"{EVENT}.data.id: may now also be integer (was string)", f"{EVENT}.data.id: may no longer be string{AGAIN}"],
    ),
    (
        "new field without default",
        _required_field("age", {"type": "integer"}),
        [f"{EVENT}.data.age: new and required{AGAIN}"],
    ),
    ("new word", _field("kind", {"enum": ["cat", "dog", "eel"]}), [f"{EVENT}.data.kind: may now also be 'eel'"]),
    ("word gone", _field("kind", {"enum": ["cat"]}), [f"{EVENT}.data.kind: 'dog' is no longer accepted{AGAIN}"]),
]  # fmt: skip

ADDITIONS: list[tuple[str, Change]] = [
    ("new path", lambda d: d["paths"].update({"/owners": {"get": {"responses": {}}}})),
    ("new operation", lambda d: d["paths"]["/kinds"].update(post={"responses": {}})),
    ("new role", lambda d: _operation(d)["x-roles"].append("clerk")),
    ("new optional parameter", lambda d: _operation(d)["parameters"].append({"name": "y", "in": "query"})),
    ("new refusal", lambda d: _operation(d)["responses"].update({"429": {"content": {}}})),
    ("new optional field", _field("age", {"type": "integer"})),
    ("body optional", lambda d: _operation(d)["requestBody"].update(required=False)),
    ("public now", lambda d: _operation(d).update(security=[])),
    ("words explained", lambda d: _pet(d).update(description="A pet")),
]


@pytest.mark.parametrize(
    ("change", "expected"), [case[1:] for case in OPENAPI_BREAKS], ids=[c[0] for c in OPENAPI_BREAKS]
)
def test_a_break_of_the_http_api_is_seen_and_named(change: Change, expected: list[str]) -> None:
    new = copy.deepcopy(OPENAPI)
    change(new)
    assert breaks("pets", OPENAPI, new) == [f"pets: {line}" for line in expected]


@pytest.mark.parametrize(("change", "expected"), [c[1:] for c in ASYNCAPI_BREAKS], ids=[c[0] for c in ASYNCAPI_BREAKS])
def test_a_break_of_the_events_is_seen_and_named(change: Change, expected: list[str]) -> None:
    new = copy.deepcopy(ASYNCAPI)
    change(new)
    assert breaks("pets", ASYNCAPI, new) == [f"pets: {line}" for line in expected]


@pytest.mark.parametrize("change", [case[1] for case in ADDITIONS], ids=[case[0] for case in ADDITIONS])
def test_an_addition_breaks_nobody(change: Change) -> None:
    new = copy.deepcopy(OPENAPI)
    change(new)
    assert breaks("pets", OPENAPI, new) == []


def test_a_document_does_not_break_itself() -> None:
    assert breaks("pets", OPENAPI, OPENAPI) == []
    assert breaks("pets", ASYNCAPI, ASYNCAPI) == []


def test_a_schema_may_move_and_be_renamed_without_breaking_anybody() -> None:
    new = copy.deepcopy(OPENAPI)
    schemas = new["components"]["schemas"]
    schemas["Animal"] = schemas.pop("Pet")
    text = _operation(new)
    text["requestBody"]["content"]["application/json"]["schema"]["$ref"] = "#/components/schemas/Animal"
    text["responses"]["200"]["content"]["application/json"]["schema"]["$ref"] = "#/components/schemas/Animal"
    schemas["Owner"]["properties"]["pets"]["items"]["$ref"] = "#/components/schemas/Animal"
    assert breaks("pets", OPENAPI, new) == []
