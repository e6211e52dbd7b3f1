"""Every route of every service is asked, through the gateway, by nobody and by everybody who may not ask it.

Who may is said by the table of access; tests/integration/access compares the two for every caller there can be.
"""

from __future__ import annotations

import pytest
from tests.system.people import World
from tests.system.problems import assert_problem
from tests.system.routes import address_of, routes_of

from cec_chassis.http.guards import ANYBODY, RouteAccess
from cec_local.services import SERVICES

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
every_service = pytest.mark.parametrize("service", SERVICES)


def guarded(service: str) -> list[RouteAccess]:
    routes = [route for route in routes_of(service) if route.callers != (ANYBODY,)]
    assert routes, "a service without a guarded route would make every test here pass"
    return routes


@every_service
async def test_what_anybody_may_read_is_answered_without_a_token(world: World, service: str) -> None:
    """A thing that is not there is missed, and not hidden behind a sign-in. What is asked with parameters misses them."""
    for route in routes_of(service):
        if route.callers == (ANYBODY,) and route.method == "GET":
            answer = await world.nobody.ask("GET", address_of(service, route.path))
            expected = {404, 422} if "{" in route.path else {200, 400, 422}
            assert answer.status_code in expected, f"{route.path}: {answer.text}"


@every_service
async def test_nobody_gets_in_without_a_token(world: World, service: str) -> None:
    for route in guarded(service):
        answer = await world.nobody.ask(route.method, address_of(service, route.path))
        assert_problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer"), route


@every_service
async def test_no_other_role_gets_in(world: World, service: str) -> None:
    """Told before the body is read: what is sent here is no body at all."""
    for route in guarded(service):
        for role, caller in world.by_role.items():
            if role not in route.callers:
                answer = await caller.ask(route.method, address_of(service, route.path))
                assert_problem(answer, 403, "forbidden")


@every_service
async def test_the_roles_of_a_route_get_past_its_guard(world: World, service: str) -> None:
    """Only what reads is asked. What is not there may be missed, or be somebody else's; the guard says neither."""
    for route in guarded(service):
        for role in route.callers if route.method == "GET" else ():
            answer = await world.by_role[role].ask("GET", address_of(service, route.path))
            assert answer.status_code in {200, 400, 403, 404, 410, 422}, f"{route}: {answer.text}"
            assert "Your role may not use this" not in answer.text, f"{route} as {role}"
