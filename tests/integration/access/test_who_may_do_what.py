"""Every route of every service is asked by everybody, over HTTP, and lets in exactly whom the table of access says.

The expectation comes from `access.toml` alone: from the name of the permission to a row, and from the row to yes or no.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import msgspec
import pytest
from deploy.documents.services import service_names, services
from tests.conftest import MakeDatabase
from tests.support.one_service import NOON, OneService
from tests.support.tokens import an_actor
from tests.system.routes import address_of

from cec_chassis.context import Actor
from cec_chassis.http import FRESH, RouteAccess, route_table
from cec_chassis.ids import new_id
from cec_contracts.access import Permission, permissions, scopes
from cec_contracts.vocabulary import AccountRole

MECHANICS = frozenset({"/health/live", "/health/ready", "/health/version", "/openapi.json"})
"""Every service has them; they stand in no table."""
GUARD_SAYS = ("您的身分不能使用此功能", "此功能不開放其他系統", "缺少授權範圍")
PEOPLE = tuple(role for role in AccountRole if role is not AccountRole.OTHER_SYSTEM)


class Caller(NamedTuple):
    """Somebody who asks; `scope` says which scopes the token carries: none, the one of the route, or all but that.
    `long_ago`: they signed in longer ago than is fresh. A machine has not signed in at all."""

    role: AccountRole | None
    scope: str = "none"
    through_an_application: bool = False
    long_ago: bool = False

    def actor(self, wanted: str) -> Actor | None:
        """As their token names them when the route's scope is `wanted`."""
        if self.role is None:
            return None
        carried = {"none": (), "right": (wanted,), "others": tuple(set(scopes()) - {wanted})}[self.scope]
        actor = an_actor(
            self.role.value,
            organisation_id=new_id(),
            practitioner_id=new_id(),
            scopes=carried,
            client_id=new_id() if self.through_an_application else None,
        )
        if self.role is AccountRole.OTHER_SYSTEM:
            return actor
        signed_in_at = NOON - FRESH - timedelta(seconds=1) if self.long_ago else NOON
        return replace(actor, session_id=new_id(), authenticated_at=signed_in_at, methods=("pwd", "otp", "mfa"))


CALLERS = (
    Caller(None),
    *(Caller(role) for role in AccountRole),
    *(Caller(role, "others") for role in (AccountRole.SYSTEM_ADMINISTRATOR, AccountRole.OTHER_SYSTEM)),
    Caller(AccountRole.OTHER_SYSTEM, "right"),
    *(Caller(role, scope, through_an_application=True) for role in PEOPLE for scope in ("right", "others")),
    *(Caller(role, long_ago=True) for role in PEOPLE),
    Caller(AccountRole.SYSTEM_ADMINISTRATOR, "right", through_an_application=True, long_ago=True),
)


def may(row: Permission, caller: Caller) -> bool:
    """What the table says."""
    if row.everybody:
        return True
    if caller.role is None:
        return False
    if caller.role is AccountRole.OTHER_SYSTEM:
        return bool(row.scope) and caller.scope == "right"
    if row.fresh and caller.long_ago:
        return False
    by_scope = not caller.through_an_application or (bool(row.scope) and caller.scope == "right")
    return caller.role in row.roles and by_scope


Seen = dict[tuple[str, str, Caller], bool]


def differences(seen: Seen, routes: list[RouteAccess], table: Mapping[str, Permission]) -> list[str]:
    """Where the answers are not what the table says."""
    named = {(route.method, route.path): route.permission for route in routes}
    return [
        f"{method} {path}: {caller} was {'let in' if let_in else 'refused'}"
        for (method, path, caller), let_in in seen.items()
        if let_in != may(table[named[method, path]], caller)
    ]


async def lets_in(service: OneService, route: RouteAccess, caller: Caller) -> bool:
    """Whether the guard lets the caller through; what the operation then says is not asked here."""
    path = address_of("", route.path).removeprefix("/")
    actor = caller.actor(permissions()[route.permission].scope)
    answer = await service.ask(actor, route.method, path)
    assert answer.status_code < 500 or answer.status_code == 503, f"{route.method} {path} as {caller}: {answer.text}"
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return True
    problem = answer.json()
    if answer.status_code == 401 and problem["type"] in ("/problems/unauthenticated", "/problems/fresh-sign-in-needed"):
        return False
    return not (answer.status_code == 403 and problem["detail"].startswith(GUARD_SAYS))


class Asked(NamedTuple):
    """A service after everybody has asked everything."""

    routes: list[RouteAccess]
    seen: Seen


@pytest.fixture(params=service_names())
async def asked(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Asked]:
    service = services()[request.param]
    one = await OneService.start(service, await make_database(request.param))
    try:
        app = service.create_app(one.runtime)
        routes = [route for route in route_table(app) if route.path not in MECHANICS]
        unnamed = [f"{route.method} {route.path}" for route in routes if not route.permission]
        assert unnamed == [], "these routes name no permission of the table: guards=[needs(…)]"
        seen = {
            (route.method, route.path, caller): await lets_in(one, route, caller)
            for route in routes
            for caller in CALLERS
        }
        yield Asked(routes, seen)
    finally:
        await one.close()


@pytest.mark.timeout(400)
async def test_everybody_gets_exactly_where_the_table_says(asked: Asked) -> None:
    table = permissions()
    assert differences(asked.seen, asked.routes, table) == []
    # and a table that is wrong in one place is noticed
    for route in asked.routes:
        row = table[route.permission]
        if row.everybody:
            continue
        first, rest = min(row.roles), row.roles - {min(row.roles)}
        narrower = {**table, row.name: msgspec.structs.replace(row, roles=rest)}
        assert any(first.value in line for line in differences(asked.seen, asked.routes, narrower))
        opened = {**table, row.name: msgspec.structs.replace(row, everybody=True)}
        assert any("role=None" in line for line in differences(asked.seen, asked.routes, opened))
        turned = {**table, row.name: msgspec.structs.replace(row, fresh=not row.fresh)}
        assert any("long_ago=True" in line for line in differences(asked.seen, asked.routes, turned)) or not row.roles
