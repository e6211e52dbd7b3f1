"""Who gets in where: roles, scopes, public routes, and that no route can be forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Controller, get, post
from tests.support.http import app_of, client_of
from tests.support.tokens import TestKey, an_actor

from cec_chassis.http import HttpRequest, Role, RouteAccess, allow, public, route_table
from cec_chassis.http.guards import RouteUnguarded

KEY = TestKey()


@get("/open", **public)
async def open_to_all() -> str:
    return "open"


@get("/whoami", guards=[allow(Role.PRACTITIONER, Role.REVIEW_UNIT)])
async def whoami(request: HttpRequest) -> dict[str, Any]:
    return {"role": request.user.role, "account_id": request.user.account_id, "same": request.actor is request.user}


@get("/scoped", guards=[allow(Role.OTHER_SYSTEM, scopes=("credits:read", "credits:replay"))])
async def scoped() -> str:
    return "scoped"


class Settings(Controller):
    path = "/settings"
    guards = (allow(Role.SYSTEM_ADMINISTRATOR, Role.REVIEW_UNIT),)

    @get("/")
    async def read(self) -> str:
        return "read"

    @post("/", guards=[allow(Role.SYSTEM_ADMINISTRATOR)])
    async def write(self) -> str:
        return "written"


APP = app_of(open_to_all, whoami, scoped, Settings, keys=[KEY])


async def test_the_caller_of_the_token_is_the_user_of_the_request() -> None:
    actor = an_actor("review_unit")
    async with client_of(APP) as client:
        answer = await client.get("/whoami", headers=KEY.headers(actor))
    assert answer.json() == {"role": "review_unit", "account_id": str(actor.account_id), "same": True}


@pytest.mark.parametrize(
    ("headers", "slug"),
    [
        ({}, "unauthenticated"),
        ({"Authorization": "Basic dXNlcjpwdw=="}, "unauthenticated"),
        ({"Authorization": "Bearer"}, "unauthenticated"),
        ({"Authorization": "Bearer  "}, "unauthenticated"),
        ({"Authorization": "Bearer nonsense"}, "token-invalid"),
        (TestKey().headers(an_actor("practitioner")), "token-invalid"),
    ],
)
async def test_without_a_good_token_the_answer_is_401_with_a_challenge(headers: dict[str, str], slug: str) -> None:
    async with client_of(APP) as client:
        answer = await client.get("/whoami", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{slug}"
    assert answer.headers["www-authenticate"].startswith('Bearer realm="cec"')
    assert ("invalid_token" in answer.headers["www-authenticate"]) == (slug == "token-invalid")
    if slug == "token-invalid":
        for said in (answer.json()["title"], answer.json()["detail"]):
            assert said.endswith("; sign in again, or ask for a new token")


async def test_another_role_is_403() -> None:
    async with client_of(APP) as client:
        answer = await client.get("/whoami", headers=KEY.headers(an_actor("offering_unit")))
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/forbidden"


async def test_a_role_that_nobody_knows_gets_in_nowhere() -> None:
    async with client_of(APP) as client:
        answers = [
            await client.get(path, headers=KEY.headers(an_actor("superuser")))
            for path in ("/whoami", "/scoped", "/settings")
        ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


async def test_every_scope_is_needed() -> None:
    async with client_of(APP) as client:
        one = await client.get("/scoped", headers=KEY.headers(an_actor("other_system", scopes=("credits:read",))))
        both = await client.get(
            "/scoped", headers=KEY.headers(an_actor("other_system", scopes=("credits:replay", "credits:read")))
        )
    assert one.status_code == 403
    assert "credits:replay" in one.json()["detail"]
    assert both.status_code == 200


async def test_a_public_route_does_not_care_about_a_bad_token() -> None:
    async with client_of(APP) as client:
        answer = await client.get("/open", headers={"Authorization": "Bearer nonsense"})
    assert (answer.status_code, answer.text) == (200, "open")


async def test_controller_and_route_must_both_agree() -> None:
    async with client_of(APP) as client:
        reviewer, administrator = (KEY.headers(an_actor(role)) for role in ("review_unit", "system_administrator"))
        assert (await client.get("/settings", headers=reviewer)).status_code == 200
        assert (await client.post("/settings", headers=reviewer)).status_code == 403
        assert (await client.post("/settings", headers=administrator)).status_code == 201


async def test_an_unknown_address_is_404_and_an_unknown_method_405_with_and_without_a_token() -> None:
    async with client_of(APP) as client:
        for headers in ({}, KEY.headers(an_actor("practitioner"))):
            assert (await client.get("/nowhere", headers=headers)).status_code == 404
            wrong = await client.delete("/whoami", headers=headers)
            assert wrong.status_code == 405
            assert set(wrong.headers["allow"].split(", ")) == {"GET", "OPTIONS"}


def test_the_table_of_routes_tells_who_may_call_what() -> None:
    table = route_table(APP)
    assert RouteAccess("GET", "/open", ("public",)) in table
    assert RouteAccess("GET", "/whoami", ("practitioner", "review_unit")) in table
    assert RouteAccess("POST", "/settings", ("system_administrator",)) in table
    assert [line.path for line in table if line.callers == ("public",)] == [
        "/health/live",
        "/health/ready",
        "/health/version",
        "/open",
        "/openapi.json",
    ]


def test_a_route_that_says_nothing_keeps_the_application_from_being_made() -> None:
    @get("/forgotten")
    async def forgotten() -> str:
        return "oops"

    with pytest.raises(RouteUnguarded, match="GET /forgotten"):
        app_of(forgotten, open_to_all)


def test_a_route_that_says_two_things_keeps_the_application_from_being_made() -> None:
    @get("/both", guards=[allow(Role.PRACTITIONER)], **public)
    async def both() -> str:
        return "oops"

    with pytest.raises(RouteUnguarded, match="GET /both"):
        app_of(both)


def test_a_guard_for_nobody_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="public"):
        allow()
