"""Where answers name practitioners to others, somebody must be able to read who looked; where none does, that is said.

The pages and services that this holds to what the code answers: docs/architecture/audit.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from deploy.documents.services import service_names, services

from cec_chassis.http import openapi_document
from cec_chassis.service import Runtime

NAMING = frozenset(
    {"practitioner_id", "practitioner_number", "practitioner_name", "national_id", "national_id_masked", "lecturers"}
)
"""Fields by which an answer is about a certain practitioner."""
NAMES_PEOPLE = {
    "activities": {
        "GET /activities/{activity_id}",  # leaves a look
        # these answer the unit what it has just said itself
        "POST /activities",
        "PUT /activities/{activity_id}",
        "POST /activities/{activity_id}/submit",
        "POST /activities/{activity_id}/withdraw",
    },
    "review": {"GET /cases/{case_id}"},  # leaves a look
    "reporting": set(),
}
"""What tests/component/…/test_looks.py shows. In the other services nearly everything is about people."""
LOOKS = {"identity", "activities", "review", "enrolment", "credits"}


def document(name: str) -> dict[str, Any]:
    service = services()[name]
    return openapi_document(service.create_app(Runtime(service, service.documentation_settings())))


def naming(document: dict[str, Any]) -> set[str]:
    """The operations whose good answers have a field that names somebody, however deep."""
    schemas = document["components"]["schemas"]
    return {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, answer in operation["responses"].items()
        if status < "4" and NAMING & set(_fields(answer.get("content", {}), schemas, frozenset()))
    }


def _fields(schema: Any, schemas: dict[str, Any], seen: frozenset[str]) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _fields(each, schemas, seen)
    elif isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            yield from _fields(schemas.get(name, {}), schemas, seen | {name})
        yield from schema.get("properties", {})
        for each in schema.values():
            yield from _fields(each, schemas, seen)


@pytest.mark.parametrize("name", sorted(NAMES_PEOPLE))
def test_no_other_answer_names_a_practitioner(name: str) -> None:
    """A new one leaves a look, and is added here; or says on the page why it need not."""
    assert naming(document(name)) == NAMES_PEOPLE[name]


@pytest.mark.parametrize("name", service_names())
def test_where_looks_are_left_they_can_be_read(name: str) -> None:
    assert ("/looks" in document(name)["paths"]) == (name in LOOKS)


def test_a_route_that_names_somebody_deep_inside_is_seen() -> None:
    assert "GET /statements/{practitioner_id}" in naming(document("credits"))
    assert "GET /rosters/{course_id}/attendances" in naming(document("enrolment"))
