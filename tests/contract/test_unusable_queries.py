"""Every GET route of every service, asked with what its own document says it reads: days at both ends of the calendar, values of
another kind, texts that nobody can store. Each is refused with the name that the client wrote, and none is a fault of ours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from deploy.documents.services import service_names, services
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from tests.conftest import MakeDatabase
from tests.support.one_service import OneService
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_chassis.http import openapi_document
from cec_chassis.http.guards import access_of

EXTREMES: Mapping[str, tuple[str, ...]] = {
    "date": ("0001-01-01", "9999-12-31"),
    "date-time": (
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00-14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59+14:00",
    ),
}
KIND = {"uuid": str(UUID(int=7)), "date": "2026-03-02", "date-time": "2026-03-02T12:00:00+08:00"}


class Parameter(NamedTuple):
    """One parameter of a document: `source` is query, header or path; `format` is empty for plain text."""

    source: str
    name: str
    required: bool
    type: str
    format: str
    enum: bool

    @property
    def good(self) -> str:
        return KIND.get(self.format, "2")


class Route(NamedTuple):
    path: str
    parameters: tuple[Parameter, ...]
    actor: Actor | None
    raw: bool


def _parameter(document: Mapping[str, Any], raw: Mapping[str, Any]) -> Parameter:
    schema: Any = raw["schema"]
    options = [one for one in schema.get("oneOf", schema.get("anyOf", [schema])) if one.get("type") != "null"]
    schema = options[0]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type", "string")
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    return Parameter(
        raw["in"], raw["name"], raw.get("required", False), kind, schema.get("format", ""), "enum" in schema
    )


def _routes(app: Litestar) -> Iterator[Route]:
    document = openapi_document(app)
    for route in app.routes:
        found = getattr(route, "route_handler_map", {}).get("GET")
        handler = found[0] if found else None
        if not isinstance(handler, HTTPRouteHandler) or route.path_format not in document["paths"]:
            continue
        callers = access_of(handler)
        person = UUID(int=9)
        actor = (
            None
            if callers == ("public",)
            else an_actor(callers[0], organisation_id=UUID(int=8), practitioner_id=person)
        )
        listed = document["paths"][route.path_format]["get"].get("parameters", [])
        parameters = tuple(_parameter(document, one) for one in listed)
        yield Route(route.path_format, parameters, actor, bool(handler.opt.get("reads_raw_query")))


@pytest.fixture(params=service_names())
async def service(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[OneService]:
    """Each of them on a database of its own, without anything in it."""
    found = services()[request.param]
    started = await OneService.start(found, await make_database(request.param))
    yield started
    await started.close()


async def _refused(service: OneService, route: Route, parameter: Parameter, value: str) -> list[tuple[str, str]]:
    """What the errors say of `parameter` being `value`, everything else being good; the answer must be a refusal."""
    path = route.path
    for each in route.parameters:
        if each.source == "path":
            path = path.replace("{" + each.name + "}", quote(value if each == parameter else each.good, safe=""))
    query = {p.name: p.good for p in route.parameters if p.source == "query" and p.required}
    query |= {parameter.name: value} if parameter.source == "query" else {}
    headers = {parameter.name: value} if parameter.source == "header" else {}
    answer = await service.ask(route.actor, "GET", f"{path}?{urlencode(query)}" if query else path, headers=headers)
    where = f"{path} {parameter.name}={value!r}: {answer.status_code} {answer.text}"
    assert answer.status_code < 500, where
    if route.raw:
        return []
    assert answer.status_code == 422, where
    return [(error["path"], error["slug"]) for error in answer.json()["errors"]]


async def test_days_at_the_ends_of_the_calendar_are_refused(service: OneService) -> None:
    for route in _routes(service.client._transport.app):  # type: ignore[attr-defined]
        for parameter in route.parameters:
            for value in EXTREMES.get(parameter.format, ()):
                found = await _refused(service, route, parameter, value)
                assert route.raw or found == [(f"query.{parameter.name}", "out-of-range")], route.path


async def test_what_is_wrong_is_called_as_the_client_called_it(service: OneService) -> None:
    for route in _routes(service.client._transport.app):  # type: ignore[attr-defined]
        for parameter in route.parameters:
            if parameter.source == "path" or (parameter.source == "header" and not parameter.enum):
                continue  # a path of another kind is another path: 404
            text = parameter.type in {"string", "array"} and not parameter.format and not parameter.enum
            found = await _refused(service, route, parameter, "a\0b" if text else "zzz")
            assert route.raw or [path for path, _ in found] == [f"{parameter.source}.{parameter.name}"], route.path


async def test_texts_that_nobody_can_store_or_see_are_refused(service: OneService) -> None:
    for route in _routes(service.client._transport.app):  # type: ignore[attr-defined]
        for parameter in route.parameters:
            if parameter.source == "header" or parameter.type != "string" or parameter.format or parameter.enum:
                continue
            for value in ("a\0b", "a\x1bb", "a\u202eb", "\u200b\ufeff"):
                found = await _refused(service, route, parameter, value)
                assert route.raw or (f"{parameter.source}.{parameter.name}", "bad-character") in found, route.path
