"""Permissions of the table of access: who gets through, and that routes and table cannot part."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from litestar import get, post
from litestar.connection import ASGIConnection
from litestar.params import FromPath
from tests.support.http import app_of, client_of
from tests.support.tokens import TestKey, an_actor

from cec_chassis.http import HttpRequest, Role, RouteAccess, allow, needs, openapi_document, public, route_table
from cec_chassis.http.guards import RouteUnguarded
from cec_chassis.ids import new_id
from cec_chassis.problems import Forbidden, TemporarilyUnavailable

KEY = TestKey()


class Row(NamedTuple):
    """A row of the table."""

    roles: frozenset[str] = frozenset()
    scope: str = ""
    everybody: bool = False


TABLE = {
    "example.things.read": Row(frozenset({Role.PRACTITIONER, Role.REVIEW_UNIT}), "things:read"),
    "example.things.write": Row(frozenset({Role.REVIEW_UNIT})),
    "example.things.list": Row(everybody=True),
    "example.machines.only": Row(scope="machines"),
}


@get("/things/{thing:int}", guards=[needs("example.things.read")])
async def read(thing: FromPath[int]) -> int:
    return thing


@post("/things", guards=[needs("example.things.write")])
async def write(request: HttpRequest) -> str:
    return request.user.role


@get("/things", guards=[needs("example.things.list")])
async def listed() -> str:
    return "open"


@get("/machines", guards=[needs("example.machines.only")])
async def machines() -> str:
    return "machines"


ROUTES = (read, write, listed, machines)
APP = app_of(*ROUTES, keys=[KEY], access=TABLE)
A_CLIENT = new_id()


@pytest.mark.parametrize(
    ("role", "scopes", "delegated", "got"),
    [
        # reading, writing, the machines' own
        ("practitioner", (), False, (200, 403, 403)),
        ("review_unit", (), False, (200, 201, 403)),
        ("system_administrator", (), False, (403, 403, 403)),
        ("superuser", (), False, (403, 403, 403)),
        # a scope gives a person nothing that the role does not
        ("system_administrator", ("things:read", "machines"), False, (403, 403, 403)),
        # another system is nothing but its scopes
        ("other_system", (), False, (403, 403, 403)),
        ("other_system", ("things:read",), False, (200, 403, 403)),
        ("other_system", ("machines",), False, (403, 403, 200)),
        # an application that asks for a person may do what both may
        ("review_unit", (), True, (403, 403, 403)),
        ("review_unit", ("things:read",), True, (200, 403, 403)),
        ("offering_unit", ("things:read",), True, (403, 403, 403)),
        ("other_system", ("things:read",), True, (200, 403, 403)),
    ],
)
async def test_who_gets_through(role: str, scopes: tuple[str, ...], delegated: bool, got: tuple[int, ...]) -> None:
    actor = an_actor(role, scopes=scopes, client_id=A_CLIENT if delegated else None)
    async with client_of(APP) as client:
        headers = KEY.headers(actor)
        answers = [
            await client.get("/things/1", headers=headers),
            await client.post("/things", headers=headers),
            await client.get("/machines", headers=headers),
        ]
        assert (await client.get("/things", headers=headers)).text == "open"
    assert tuple(answer.status_code for answer in answers) == got
    assert all(answer.json()["type"] == "/problems/forbidden" for answer in answers if answer.status_code == 403)


async def test_what_is_for_everybody_asks_for_no_token_and_looks_at_none() -> None:
    async with client_of(APP) as client:
        assert (await client.get("/things")).status_code == 200
        assert (await client.get("/things", headers={"Authorization": "Bearer nonsense"})).status_code == 200
        assert (await client.get("/things/1")).status_code == 401


def test_the_table_of_routes_names_permission_and_scope() -> None:
    table = {line.path: line for line in route_table(APP) if line.permission and line.method == "GET"}
    assert table["/things/{thing:int}"] == RouteAccess(
        "GET",
        "/things/{thing:int}",
        ("practitioner", "review_unit", "other_system"),
        "example.things.read",
        "things:read",
    )
    assert table["/things"].callers == ("public",)
    assert table["/machines"].callers == ("other_system",)


def test_the_document_names_permission_and_scope() -> None:
    paths = openapi_document(APP)["paths"]
    reading = paths["/things/{thing}"]["get"]
    assert (reading["x-permission"], reading["x-scope"]) == ("example.things.read", "things:read")
    assert paths["/things"]["get"]["security"] == []


def test_a_permission_that_the_table_does_not_have_keeps_the_application_from_being_made() -> None:
    @get("/other", guards=[needs("example.other.read")])
    async def other() -> str:
        return "oops"

    with pytest.raises(RouteUnguarded, match=r"GET /other needs example\.other\.read"):
        app_of(*ROUTES, other, access=TABLE)
    with pytest.raises(RouteUnguarded, match="no such row"):
        app_of(*ROUTES)


def test_a_permission_that_no_route_needs_keeps_the_application_from_being_made() -> None:
    with pytest.raises(RouteUnguarded, match=r"no route needs example\.machines\.only"):
        app_of(read, write, listed, access=TABLE)


def test_a_route_that_says_two_things_keeps_the_application_from_being_made() -> None:
    @get("/both", guards=[needs("example.things.read"), needs("example.things.write")])
    async def both() -> str:
        return "oops"

    @get("/mixed", guards=[needs("example.things.read"), allow(Role.PRACTITIONER)])
    async def mixed() -> str:
        return "oops"

    @get("/open", guards=[needs("example.things.read")], **public)
    async def opened() -> str:
        return "oops"

    for wrong in (both, mixed, opened):
        with pytest.raises(RouteUnguarded):
            app_of(*ROUTES, wrong, access=TABLE)


async def test_whom_the_guard_refuses_is_remembered_before_they_are_told() -> None:
    refused: list[tuple[str, str]] = []

    async def remember(connection: ASGIConnection[Any, Any, Any, Any], refusal: Forbidden) -> None:
        refused.append((connection.user.role, refusal.slug))

    async def forget(connection: ASGIConnection[Any, Any, Any, Any], refusal: Forbidden) -> None:
        raise TemporarilyUnavailable

    @get("/remembered", guards=[needs("example.things.write", remember)])
    async def remembered() -> str:
        return "things"

    @get("/forgotten", guards=[needs("example.things.write", forget)])
    async def forgotten() -> str:
        return "things"

    app = app_of(*ROUTES, remembered, forgotten, keys=[KEY], access=TABLE)
    stranger, reviewer = KEY.headers(an_actor("practitioner")), KEY.headers(an_actor("review_unit"))
    async with client_of(app) as client:
        assert (await client.get("/remembered", headers=reviewer)).text == "things"
        assert refused == []
        assert (await client.get("/remembered", headers=stranger)).status_code == 403
        assert refused == [("practitioner", "forbidden")]
        assert (await client.get("/forgotten", headers=stranger)).status_code == 503
        assert (await client.get("/forgotten", headers=reviewer)).status_code == 200
