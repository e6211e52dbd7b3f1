"""The OpenAPI document says what is really answered, and to whom."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from openapi_spec_validator import validate
from tests.support.http import app_of, client_of

from cec_chassis.http import Page, Paging, Request, Role, allow, openapi_document, public


class Line(msgspec.Struct, forbid_unknown_fields=True):
    points: Decimal


class Apply(Request):
    title: str
    lines: list[Line]


class View(msgspec.Struct):
    activity_id: UUID
    points: Decimal


class Activities(Controller):
    path = "/activities"
    tags = ("activities",)

    @post("/", guards=[allow(Role.OFFERING_UNIT)])
    async def apply(self, data: JSONBody[Apply]) -> Response[View]:
        """申請活動 / Apply for an activity."""
        raise NotImplementedError

    @get("/{activity_id:uuid}", guards=[allow(Role.OFFERING_UNIT, Role.REVIEW_UNIT)])
    async def read(self, activity_id: FromPath[UUID]) -> View:
        raise NotImplementedError

    @get("/", **public)
    async def list_all(self, paging: NamedDependency[Paging], words: FromQuery[str] = "") -> Page[View]:
        raise NotImplementedError


class Cases(Controller):
    path = "/cases"

    @get("/{case_id:uuid}", **public)
    async def read(self, case_id: FromPath[UUID]) -> View:
        raise NotImplementedError


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document(app_of(Activities, Cases))


def test_it_is_a_valid_openapi_3_1_document(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/api/v1/example"}]
    validate(document)


def test_two_makings_are_equal(document: dict[str, Any]) -> None:
    assert msgspec.json.encode(openapi_document(app_of(Activities, Cases))) == msgspec.json.encode(document)


def test_failures_are_problem_documents_where_they_can_occur(document: dict[str, Any]) -> None:
    paths = document["paths"]
    assert sorted(paths["/activities"]["post"]["responses"]) == (
        ["201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"]
    )
    assert sorted(paths["/activities/{activity_id}"]["get"]["responses"]) == [
        "200",
        "400",
        "401",
        "403",
        "404",
        "422",
        "500",
        "503",
    ]
    assert sorted(paths["/activities"]["get"]["responses"]) == ["200", "400", "422", "500", "503"]
    reference = paths["/activities"]["post"]["responses"]["422"]["$ref"]
    response = document["components"]["responses"][reference.rsplit("/", 1)[1]]
    assert response["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    slugs = document["components"]["schemas"]["Problem"]["properties"]["type"]["examples"]
    assert "/problems/validation-failed" in slugs


def test_it_says_who_may_call(document: dict[str, Any]) -> None:
    guarded = document["paths"]["/activities/{activity_id}"]["get"]
    assert (guarded["security"], guarded["x-roles"]) == ([{"bearer": []}], ["offering_unit", "review_unit"])
    assert document["paths"]["/activities"]["get"]["security"] == []
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_points_are_text_and_unknown_fields_are_refused(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Line"]["properties"]["points"]["type"] == "string"
    assert schemas["Apply"]["additionalProperties"] is False
    assert schemas["Line"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["View"]


def test_names_do_not_change_when_a_module_moves(document: dict[str, Any]) -> None:
    assert "Page_View" in document["components"]["schemas"]
    names = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert {"apply", "list_all", "Activities_read", "Cases_read"} <= names


def test_commands_take_an_idempotency_key_and_reads_do_not(document: dict[str, Any]) -> None:
    def headers(operation: dict[str, Any]) -> list[str]:
        return [p["name"] for p in operation.get("parameters", []) if p["in"] == "header"]

    assert headers(document["paths"]["/activities"]["post"]) == ["Idempotency-Key"]
    assert headers(document["paths"]["/activities"]["get"]) == []
    query = [p["name"] for p in document["paths"]["/activities"]["get"]["parameters"]]
    assert query == ["page", "page_size", "words"]


async def test_it_is_served_and_nothing_else_of_the_kind_is() -> None:
    async with client_of(app_of(Activities)) as client:
        served = await client.get("/openapi.json")
        assert served.json()["info"]["title"] == "Example"
        pages = [await client.get(path) for path in ("/schema", "/schema/swagger", "/litestar-pages", "/docs")]
    assert [page.status_code for page in pages] == [404, 404, 404, 404]
