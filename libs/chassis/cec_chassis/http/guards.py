"""Who may call a route: written at the route, checked before its body is read, and listed for everybody to see.

Every route carries exactly one of two marks::

    @get("/rosters", guards=[allow(Role.OFFERING_UNIT)])
    @post("/sign-in", **public)

A route with neither, or with both, keeps the application from being created.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from cec_chassis.context import Actor
from cec_chassis.problems import Forbidden


class Role(StrEnum):
    """What an account is in the system. The token carries it; the guards know nothing else about it."""

    PRACTITIONER = "practitioner"
    OFFERING_UNIT = "offering_unit"
    REVIEW_UNIT = "review_unit"
    COMMITTEE_MEMBER = "committee_member"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    OTHER_SYSTEM = "other_system"


public: dict[str, Any] = {"opt": {"public": True}}
"""Marks a route that anybody may call: `@get("/…", **public)`."""

ANYBODY = "public"


class RouteUnguarded(Exception):
    """A route says neither who may call it nor that anybody may; a fault of the code, found when the app is created."""


class Allow:
    """Lets in callers of certain roles who hold certain scopes. Made by :func:`allow`."""

    __slots__ = ("roles", "scopes")

    def __init__(self, roles: frozenset[Role], scopes: frozenset[str]) -> None:
        self.roles = roles
        self.scopes = scopes

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        """Raises Forbidden for everybody else."""
        actor: Actor = connection.scope["user"]
        if actor.role not in self.roles:
            raise Forbidden("您的身分不能使用此功能 / Your role may not use this")
        if not self.scopes.issubset(actor.scopes):
            missing = " ".join(sorted(self.scopes.difference(actor.scopes)))
            raise Forbidden(f"缺少授權範圍 / Scope missing: {missing}")


def allow(*roles: Role, scopes: tuple[str, ...] = ()) -> Allow:
    """A guard that lets in the given roles; with `scopes`, only tokens that carry all of them."""
    if not roles:
        raise ValueError("allow() needs a role; a route for anybody is marked public")
    return Allow(frozenset(roles), frozenset(scopes))


class RouteAccess(NamedTuple):
    """A line of the table of routes: `callers` are role names, or the one word `public`."""

    method: str
    path: str
    callers: tuple[str, ...]


def access_of(handler: HTTPRouteHandler) -> tuple[str, ...]:
    """Who may call a handler; empty when it does not say, or says two things.

    Several guards (of a controller and of its route) must all agree, so only the roles common to them get through.
    """
    guards = [guard for guard in handler.resolve_guards() if isinstance(guard, Allow)]
    if handler.opt.get("public"):
        return () if guards else (ANYBODY,)
    if not guards:
        return ()
    roles = frozenset.intersection(*(guard.roles for guard in guards))
    return tuple(role.value for role in Role if role in roles)


def http_handlers(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    """Every (method, path, handler) that somebody wrote; the OPTIONS answers of the framework are not among them."""
    return [
        (method, str(route.path), handler)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler)
        for method in sorted(handler.http_methods)
        if method != "OPTIONS"
    ]


def route_table(app: Litestar) -> list[RouteAccess]:
    """Every route of the application and who may call it, ordered by path and method."""
    table = [RouteAccess(method, path, access_of(handler)) for method, path, handler in http_handlers(app)]
    return sorted(table, key=lambda line: (line.path, line.method))


def require_every_route_guarded(app: Litestar) -> None:
    """Raises RouteUnguarded, naming every route that fails to say who may call it."""
    unguarded = [f"{method} {path}" for method, path, callers in route_table(app) if not callers]
    if unguarded:
        raise RouteUnguarded(f"neither guarded nor public, or both: {', '.join(unguarded)}")
