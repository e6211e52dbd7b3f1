"""Who may call a route: checked before its body is read, and listed for everybody to see.

A route of a service names the permission it needs, and the service's table of access says who has it::

    @get("/rosters", guards=[needs("enrolment.rosters.read")])

Routes that belong to no table (the mechanics' own, and probes in tests) say it themselves: ``guards=[allow(Role.…)]`` or
``**public``. A route that says nothing or two things, that needs a permission the table does not have, and a permission
that no route needs: each keeps the application from being created.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from cec_chassis.clock import Clock
from cec_chassis.context import Actor
from cec_chassis.http.freshness import RequireSession, require_fresh
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
_PERMISSION = "permission"


class RouteUnguarded(Exception):
    """A route says neither who may call it nor that anybody may; a fault of the code, found when the app is created."""


class Permission(Protocol):
    """A row of the table of access, as far as the mechanics look into it."""

    @property
    def everybody(self) -> bool:
        """Needs no token at all."""
        ...

    @property
    def roles(self) -> Collection[str]:
        """The roles of people who have it."""
        ...

    @property
    def scope(self) -> str:
        """What the token of another system, or of an application that asks for somebody, must carry; empty: they never
        have it."""
        ...

    @property
    def fresh(self) -> bool:
        """People have it only for a short while after they signed in."""
        ...


Access = Mapping[str, Permission]
"""A service's part of the table, by the full name of the permission."""

OnRefused = Callable[[ASGIConnection[Any, Any, Any, Any], Forbidden], Awaitable[None]]
"""What is done when a caller is turned away, before they are told: it leaves a trace where a mere attempt matters. When it
fails, the caller hears of that failure instead, and gets in no more than before."""

_NOT_THIS_ROLE = "您的身分不能使用此功能 / Your role may not use this"


class Needs:
    """Lets in whoever has a permission. Made by :func:`needs`; the application looks the permission up when it is made."""

    __slots__ = ("on_refused", "permission")

    def __init__(self, permission: str, on_refused: OnRefused | None = None) -> None:
        self.permission = permission
        self.on_refused = on_refused

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Raises Forbidden for everybody else; FreshSignInNeeded, and what the service's `RequireSession` raises, for who
        has it and must sign in again to use it."""
        permission: Permission = handler.opt[_PERMISSION]
        if permission.everybody:
            return
        actor: Actor = connection.scope["user"]
        try:
            _require(permission, actor)
        except Forbidden as refusal:
            if self.on_refused is not None:
                await self.on_refused(connection, refusal)
            raise
        if permission.fresh and not _is_machine(actor):
            clock: Clock = connection.app.state.clock
            require_fresh(actor, clock.now())
            require_session: RequireSession | None = connection.app.state.require_session
            if require_session is not None:
                await require_session(actor)


def _is_machine(actor: Actor) -> bool:
    """It has not signed in, it has shown its secret, a few minutes ago at most: such a token cannot be refreshed. An
    application that asks for another system's account has a session, like all that ask for somebody."""
    return actor.role == Role.OTHER_SYSTEM and actor.session_id is None


def needs(permission: str, on_refused: OnRefused | None = None) -> Needs:
    """A guard that lets in whoever has `permission` by the table of access: `credits.statements.read`."""
    return Needs(permission, on_refused)


def _require(permission: Permission, actor: Actor) -> None:
    if actor.role not in permission.roles and actor.role != Role.OTHER_SYSTEM:
        raise Forbidden(_NOT_THIS_ROLE)
    if actor.role == Role.OTHER_SYSTEM or actor.client_id is not None:
        require_scope(permission.scope, actor)


def require_scope(scope: str, actor: Actor) -> None:
    """Raises Forbidden unless the token carries `scope`; an empty one is carried by none."""
    if not scope:
        raise Forbidden("此功能不開放其他系統使用 / Not open to other systems and applications")
    if scope not in actor.scopes:
        raise Forbidden(f"缺少授權範圍 / Scope missing: {scope}")


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
            raise Forbidden(_NOT_THIS_ROLE)
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
    permission: str = ""
    scope: str = ""
    """Other systems, and applications that ask for somebody, must carry it; empty: closed to them."""
    fresh: bool = False
    """People must have signed in a short while ago."""


def permission_of(handler: HTTPRouteHandler) -> str:
    """The name of the permission that a handler needs; empty when it names none, or more than one."""
    named = {guard.permission for guard in handler.resolve_guards() if isinstance(guard, Needs)}
    return named.pop() if len(named) == 1 else ""


def scope_of(handler: HTTPRouteHandler) -> str:
    """The scope by which other systems and applications get through; empty when they do not."""
    permission: Permission | None = handler.opt.get(_PERMISSION)
    return permission.scope if permission is not None else ""


def is_fresh(handler: HTTPRouteHandler) -> bool:
    """Whether people must have signed in a short while ago."""
    permission: Permission | None = handler.opt.get(_PERMISSION)
    return permission is not None and permission.fresh


def access_of(handler: HTTPRouteHandler) -> tuple[str, ...]:
    """Who may call a handler; empty when it does not say, or says two things.

    Several `allow` (of a controller and of its route) must all agree, so only the roles common to them get through.
    """
    guards = [guard for guard in handler.resolve_guards() if isinstance(guard, Allow)]
    if any(isinstance(guard, Needs) for guard in handler.resolve_guards()):
        permission: Permission | None = handler.opt.get(_PERMISSION)
        return () if guards or permission is None else _callers(permission)
    if handler.opt.get("public"):
        return () if guards else (ANYBODY,)
    if not guards:
        return ()
    roles = frozenset.intersection(*(guard.roles for guard in guards))
    return tuple(role.value for role in Role if role in roles)


def _callers(permission: Permission) -> tuple[str, ...]:
    if permission.everybody:
        return (ANYBODY,)
    systems = {Role.OTHER_SYSTEM} if permission.scope else set()
    return tuple(role.value for role in Role if role in permission.roles or role in systems)


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
    table = [
        RouteAccess(method, path, access_of(handler), permission_of(handler), scope_of(handler), is_fresh(handler))
        for method, path, handler in http_handlers(app)
    ]
    return sorted(table, key=lambda line: (line.path, line.method))


def bind_permissions(app: Litestar, access: Access) -> None:
    """Look up what every route needs.

    Raises:
        RouteUnguarded: a route needs what is not in the table, or two things; or a permission is needed by no route.
    """
    wrong: list[str] = []
    needed: set[str] = set()
    for method, path, handler in http_handlers(app):
        if not any(isinstance(guard, Needs) for guard in handler.resolve_guards()):
            continue
        name = permission_of(handler)
        permission = access.get(name)
        needed.add(name)
        if permission is None:
            wrong.append(
                f"{method} {path} needs {name or 'more than one permission'}: the table of access has no such row"
            )
        elif handler.opt.get("public"):
            wrong.append(f"{method} {path} needs {name} and calls itself public")
        else:
            handler.opt = {**handler.opt, _PERMISSION: permission, "public": permission.everybody}
    wrong += [f"no route needs {name}" for name in sorted(set(access) - needed)]
    if wrong:
        raise RouteUnguarded("; ".join(wrong))


def require_every_route_guarded(app: Litestar) -> None:
    """Raises RouteUnguarded, naming every route that fails to say who may call it."""
    unguarded = [f"{line.method} {line.path}" for line in route_table(app) if not line.callers]
    if unguarded:
        raise RouteUnguarded(f"neither guarded nor public, or both: {', '.join(unguarded)}")
