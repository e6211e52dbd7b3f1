"""The application of a service: its routes, and around them what every service does the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import msgspec
from litestar import Litestar, Response, get
from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Contact, Server
from litestar.types import ControllerRouterHandler, Guard

from cec_chassis.clock import Clock, SystemClock
from cec_chassis.database import Database
from cec_chassis.http.at_hand import AtHand, handed
from cec_chassis.http.authentication import VERIFIER, Authentication
from cec_chassis.http.client_address import trusted_networks
from cec_chassis.http.edge import Edge
from cec_chassis.http.freshness import RequireSession
from cec_chassis.http.guards import Access, bind_permissions, http_handlers, public, require_every_route_guarded
from cec_chassis.http.health import CHECKS, Checks, ReadinessCheck, Version, broker_answers, health_controller
from cec_chassis.http.openapi import OPENAPI_PATH, UNUSED_PATH, WithoutPages, openapi_document
from cec_chassis.http.paging import paging_of_query
from cec_chassis.http.problem_handlers import HANDLERS
from cec_chassis.http.queries import strict_queries
from cec_chassis.http.requests import HttpRequest
from cec_chassis.settings import ServiceSettings
from cec_chassis.tokens import KeyRing, LoadKeys, TokenVerifier, signing_keys_in

BODY_LIMIT = 10_000_000
"""Bytes; a route that takes more says so with `request_max_body_size`."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_service_app(
    settings: ServiceSettings,
    routes: Sequence[ControllerRouterHandler],
    *,
    title: str,
    database: Database,
    access: Access | None = None,
    require_session: RequireSession | None = None,
    description: str = "",
    clock: Clock | None = None,
    keys: LoadKeys | None = None,
    dependencies: Mapping[str, object] | None = None,
    readiness: Mapping[str, ReadinessCheck] | None = None,
    lifespan: Sequence[Lifespan] = (),
    body_limit: int = BODY_LIMIT,
) -> Litestar:
    """The ASGI application of one service.

    Handlers may ask for `database`, `clock`, `settings`, `paging` and for everything in `dependencies`, by name.
    `app.state` holds the same things. `access` is the service's part of the table of who may do what; `require_session`
    refuses tokens of ended sessions where the table asks for a fresh sign-in.
    `keys` says where the signing keys are read from: the table `signing_keys` unless said otherwise. `readiness` adds
    checks to those of the database and of the signing keys. Nothing is connected here; a service starts while
    everything else is down.

    Raises:
        ValueError: `trusted_proxies` names what is no network.
        RouteUnguarded: a route does not say who may call it, or the routes and `access` do not fit one another.
    """
    trusted_networks(settings.trusted_proxies)  # a mistake in it is told now, not at the first request that asks
    clock = clock or SystemClock()
    ring = KeyRing(keys or signing_keys_in(database), clock)
    verifier = TokenVerifier(ring, issuer=settings.token_issuer, audience=settings.token_audience, clock=clock)
    version = Version(settings.service, settings.version, settings.revision)
    things = {"database": database, "clock": clock, "settings": settings, **(dependencies or {})}
    app = put_together(
        tuple(routes),
        names=tuple(things),
        version=version,
        title=title,
        description=description,
        access=access or {},
        lifespan=tuple(lifespan),
        body_limit=body_limit,
    )
    app.state = State({**things, "require_session": require_session})
    checks = Checks(
        {"database": database.ping, "signing_keys": ring.require_any, **(readiness or {})},
        {"broker": broker_answers(settings.amqp_url)},
    )
    app.asgi_handler = Edge(AtHand(app.asgi_handler, {**things, VERIFIER: verifier, CHECKS: checks}))
    return app


def put_together(
    routes: tuple[ControllerRouterHandler, ...],
    *,
    names: tuple[str, ...],
    version: Version,
    title: str,
    description: str,
    access: Access,
    lifespan: tuple[Lifespan, ...],
    body_limit: int,
) -> Litestar:
    """The application without what belongs to a process: its handlers may ask for things of these names, and who serves
    it sees to it that they are at hand."""
    learn_queries, refuse_unknown = strict_queries()
    app = Litestar(
        route_handlers=[*routes, health_controller(version), _document_route()],
        request_class=HttpRequest,
        before_request=refuse_unknown,
        middleware=[DefineMiddleware(Authentication)],
        exception_handlers=HANDLERS,
        dependencies={name: handed(name) for name in names} | {"paging": Provide(paging_of_query)},
        request_max_body_size=body_limit,
        lifespan=list(lifespan),
        on_app_init=[_last_plugin],
        logging_config=None,
        debug=False,
        openapi_config=OpenAPIConfig(
            title=title,
            version=version.version,
            description=description or None,
            contact=Contact(name="CEC"),
            servers=[Server(url=f"/api/v1/{version.service}")],
            use_handler_docstrings=True,
            path=UNUSED_PATH,
        ),
    )
    bind_permissions(app, access)
    require_every_route_guarded(app)
    learn_queries(app)
    _resolve_one_by_one(app)
    _guard_without_copies(app)
    return app


def _last_plugin(config: AppConfig) -> AppConfig:
    config.plugins.append(WithoutPages())
    return config


def _resolve_one_by_one(app: Litestar) -> None:
    """Litestar opens a task group for every request whose handler asks for two things or more: 90 µs, as much as the
    rest of a small request. Ours are at hand at once, so they are handed over one after the other (some 7 µs each)."""
    for route in app.routes:
        for _, arguments in getattr(route, "route_handler_map", {}).values():
            arguments.dependency_batches = [{one} for batch in arguments.dependency_batches for one in batch]


def _guard_without_copies(app: Litestar) -> None:
    """Litestar hands each guard a copy of the handler, made anew for every request (some 15 µs). Our guards look at the
    handler and change nothing."""
    for _, _, handler in http_handlers(app):
        guards = tuple(handler.resolve_guards())
        if guards:
            handler.authorize_connection = partial(_authorize, handler, guards)  # type: ignore[method-assign]


async def _authorize(
    handler: HTTPRouteHandler, guards: tuple[Guard, ...], connection: ASGIConnection[Any, Any, Any, Any]
) -> None:
    for guard in guards:
        await guard(connection, handler)  # type: ignore[misc]


def _document_route() -> Any:
    document: list[bytes] = []

    @get(OPENAPI_PATH, include_in_schema=False, **public)
    async def openapi_json(request: HttpRequest) -> Response[bytes]:
        """The OpenAPI document of this service; made once, when first asked for."""
        if not document:
            document.append(msgspec.json.encode(openapi_document(request.app)))
        return Response(document[0], media_type="application/json", headers={"Cache-Control": "no-cache"})

    return openapi_json
