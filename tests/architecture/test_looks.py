"""Whoever is shown to others with name, telephone or national ID can read that they were: no such list is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from cec_local.paths import checkout_root
from cec_local.services import SERVICES

LOOKS = {
    ("credits", "/statements/{practitioner_id}/{profession}/course-records"): "practitioner",
    ("enrolment", "/rosters/{course_id}/attendances"): "roster",
    ("identity", "/accounts"): "account",
    ("identity", "/applications"): "application",
    ("identity", "/applications/{application_id}"): "application",
    ("identity", "/practitioners"): "practitioner",
    ("identity", "/practitioners/{practitioner_id}"): "practitioner",
    ("identity", "/practitioners/{practitioner_id}/history"): "practitioner",
    ("identity", "/rights-requests"): "account",
    ("identity", "/unit/users"): "account",
}
"""Route → type of the subject under which its look is written. That it is written, tests of the services say."""
OWN = {
    ("identity", "/personal-data/mine"): "the caller's own bundle; that it was taken is audited",
    ("identity", "/practitioners/me"): "the caller's own record",
    ("identity", "/profile"): "the caller's own profile",
    ("identity", "/sessions/current"): "the caller's own name",
}
"""Route → why nobody needs to read of it."""


def people_shown(document: Mapping[str, Any]) -> list[str]:
    """The paths whose GET answers with a person's name, a national ID (masked or not), or a name beside a telephone."""
    return [path for path, methods in document["paths"].items() if any(map(_of_a_person, _answers(document, methods)))]


def _of_a_person(fields: frozenset[str]) -> bool:
    return (
        "person_name" in fields
        or any(field.startswith("national_id") and "index" not in field for field in fields)
        or {"name", "phone"} <= fields
    )


def _answers(document: Mapping[str, Any], methods: Mapping[str, Any]) -> Iterator[frozenset[str]]:
    responses = methods.get("get", {}).get("responses", {})
    for status, response in responses.items():
        if status.startswith("2"):
            yield from _objects(document["components"]["schemas"], response.get("content", {}), set())


def _objects(schemas: Mapping[str, Any], part: Any, seen: set[str]) -> Iterator[frozenset[str]]:
    """The names of the fields of every object in a schema, those it refers to included."""
    if isinstance(part, list):
        for each in part:
            yield from _objects(schemas, each, seen)
    elif isinstance(part, Mapping):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield from _objects(schemas, schemas[name], seen)
        if isinstance(part.get("properties"), Mapping):
            yield frozenset(part["properties"])
        for each in part.values():
            yield from _objects(schemas, each, seen)


def unlisted(service: str, document: Mapping[str, Any]) -> list[str]:
    """Routes that show people and say neither which look they leave nor why none."""
    return [path for path in people_shown(document) if (service, path) not in LOOKS.keys() | OWN.keys()]


def document_of(service: str) -> Mapping[str, Any]:
    """The OpenAPI document, which another test holds against the code."""
    document: Mapping[str, Any] = msgspec.json.decode(
        (checkout_root() / "docs" / "api" / f"{service}.openapi.json").read_bytes()
    )
    return document


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_that_shows_people_leaves_a_look_or_says_why_not(service: str) -> None:
    assert unlisted(service, document_of(service)) == []


def test_the_list_names_no_route_that_is_gone_and_excuses_none_that_shows_nobody() -> None:
    documents = {service: document_of(service) for service in SERVICES}
    assert [route for route in LOOKS if "get" not in documents[route[0]]["paths"].get(route[1], {})] == []
    assert [route for route in OWN if route[1] not in people_shown(documents[route[0]])] == []
    assert not LOOKS.keys() & OWN.keys()


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        (("person_name",), True),
        (("national_id_masked",), True),
        (("national_ids",), True),
        (("name", "phone"), True),
        (("name", "code"), False),
        (("national_id_index",), False),
    ],
)
def test_a_forgotten_list_is_seen_however_deep_the_people_stand_in_it(fields: tuple[str, ...], seen: bool) -> None:
    line = {"properties": {field: {"type": "string"} for field in fields}}
    page = {"properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}}}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}
    document = {
        "paths": {
            "/people": {"get": {"responses": {"200": answer}}},
            "/others": {"post": {"responses": {"200": answer}}},
        },
        "components": {"schemas": {"Line": line, "Page": page}},
    }
    assert unlisted("identity", document) == (["/people"] if seen else [])
