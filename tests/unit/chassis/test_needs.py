"""Permissions of the table of access: who gets through, and that routes and table cannot part."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from litestar import get, post
from litestar.connection import ASGIConnection
from litestar.params import FromPath
from tests.support.http import app_of, client_of
from tests.support.tokens import TestKey, an_actor

from cec_chassis.clock import FixedClock
from cec_chassis.context import Actor
from cec_chassis.http import FRESH, HttpRequest, Role, RouteAccess, allow, needs, openapi_document, public, route_table
from cec_chassis.http.guards import RouteUnguarded
from cec_chassis.ids import new_id
from cec_chassis.problems import Forbidden, TemporarilyUnavailable

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
KEY = TestKey()


class Row(NamedTuple):
    """A row of the table."""

    roles: frozenset[str] = frozenset()
    scope: str = ""
    everybody: bool = False
    fresh: bool = False


TABLE = {
    "example.things.read": Row(frozenset({Role.PRACTITIONER, Role.REVIEW_UNIT}), "things:read"),
    "example.things.write": Row(frozenset({Role.REVIEW_UNIT})),
    "example.things.list": Row(everybody=True),
    "example.machines.only": Row(scope="machines"),
}
SENSITIVE = {"example.secrets.rotate": Row(frozenset({Role.PRACTITIONER}), "secrets", fresh=True)}


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


@post("/secrets", guards=[needs("example.secrets.rotate")])
async def rotate() -> str:
    return "rotated"


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


@pytest.mark.parametrize(
    ("ago", "status"),
    [(timedelta(0), 201), (FRESH, 201), (FRESH + timedelta(seconds=1), 401), (None, 401)],
)
async def test_a_sensitive_act_needs_a_sign_in_that_is_not_long_ago(ago: timedelta | None, status: int) -> None:
    app = app_of(rotate, keys=[KEY], access=SENSITIVE, clock=FixedClock(NOW))
    actor = an_actor("practitioner", authenticated_at=None if ago is None else NOW - ago, methods=("pwd",))
    async with client_of(app) as client:
        answer = await client.post("/secrets", headers=KEY.headers(actor, now=NOW))
        other = await client.post("/secrets", headers=KEY.headers(replace(actor, role="review_unit"), now=NOW))
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["type"] == "/problems/fresh-sign-in-needed"
        assert 'error="insufficient_user_authentication", max_age="600"' in answer.headers["www-authenticate"]
    assert other.status_code == 403, "who may not do it is not told to sign in again"


async def test_machines_are_not_asked_but_sign_ins_with_a_machines_role_are() -> None:
    app = app_of(rotate, keys=[KEY], access=SENSITIVE, clock=FixedClock(NOW))
    machine = an_actor("other_system", scopes=("secrets",), client_id=A_CLIENT)
    signed_in_long_ago = replace(machine, session_id=new_id(), authenticated_at=NOW - timedelta(hours=1))
    async with client_of(app) as client:
        answers = [
            await client.post("/secrets", headers=KEY.headers(each, now=NOW)) for each in (machine, signed_in_long_ago)
        ]
    assert [answer.status_code for answer in answers] == [201, 401]


async def test_a_service_may_look_whether_the_session_still_stands_and_only_where_it_matters() -> None:
    asked: list[Actor] = []

    async def require_session(actor: Actor) -> None:
        asked.append(actor)
        raise Forbidden("ended")

    app = app_of(
        *ROUTES, rotate, keys=[KEY], access=TABLE | SENSITIVE, clock=FixedClock(NOW), require_session=require_session
    )
    actor = an_actor("practitioner", authenticated_at=NOW)
    async with client_of(app) as client:
        assert (await client.get("/things/1", headers=KEY.headers(actor, now=NOW))).status_code == 200
        assert asked == []
        assert (await client.post("/secrets", headers=KEY.headers(actor, now=NOW))).json()["detail"] == "ended"
    assert [each.account_id for each in asked] == [actor.account_id]


def test_table_and_document_say_where_a_fresh_sign_in_is_asked_for() -> None:
    app = app_of(*ROUTES, rotate, access=TABLE | SENSITIVE)
    assert [line.path for line in route_table(app) if line.fresh] == ["/secrets"]
    paths = openapi_document(app)["paths"]
    assert paths["/secrets"]["post"]["x-fresh-sign-in"] is True
    assert "x-fresh-sign-in" not in paths["/things"]["post"]


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
