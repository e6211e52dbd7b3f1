"""What no query may have, whatever the route: parameters it does not know (a misspelt filter must not answer with everything),
one given twice, and values that the system cannot use. Texts in the path are looked at the same way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from cec_chassis.http.parameters import Parameter, learn_parameters, parameters_of
from cec_chassis.http.requests import HttpRequest
from cec_chassis.problems import FieldError, Refusal, ValidationFailed
from cec_chassis.usable import fault_of_text

_LONGEST_NAME = 100


class UnknownParameter(Refusal):
    """The query has a parameter that this address does not know; `errors` names each, and what is known."""

    slug = "unknown-parameter"
    status = 400
    title = "不認得的查詢參數 / The query has a parameter that is not known here"


class RepeatedParameter(Refusal):
    """A parameter that has one value is given twice; nobody can say which is meant."""

    slug = "repeated-parameter"
    status = 400
    title = "查詢參數重複 / A parameter is given more than once"


def known_parameters(app: Litestar) -> Mapping[HTTPRouteHandler, frozenset[str]]:
    """The names that each route of `app` reads from the query, those of its dependencies (`paging`) among them.

    A route with `opt={"reads_raw_query": True}` follows a protocol that tells it to ignore what it does not know (RFC 6749
    section 3.1); it is not among them.
    """
    known: dict[HTTPRouteHandler, frozenset[str]] = {}
    for route in app.routes:
        for handler, arguments in getattr(route, "route_handler_map", {}).values():
            if handler.opt.get("reads_raw_query"):
                continue
            names = {parameter.field_alias for parameter in arguments.expected_query_params}
            known[handler] = known.get(handler, frozenset()) | names
    return known


def strict_queries() -> tuple[Callable[[Litestar], None], Callable[[Any], Awaitable[None]]]:
    """Two functions: one that reads from the finished application what its routes know, and the application's
    `before_request`, which runs after the guards: a stranger learns nothing about a route."""
    known: dict[HTTPRouteHandler, frozenset[str]] = {}

    def learn(app: Litestar) -> None:
        known.update(known_parameters(app))
        learn_parameters(app)

    async def refuse_unknown(request: HttpRequest) -> None:
        errors = list(_unusable_path(request))
        if request.scope["query_string"] and (names := known.get(request.route_handler)) is not None:
            if unknown := set(request.query_params) - names:
                raise UnknownParameter(errors=[_error(name, names) for name in sorted(unknown)])
            errors += _unusable_query(request)
        if errors:
            raise ValidationFailed(errors=errors)

    return learn, refuse_unknown


def _unusable_path(request: HttpRequest) -> Iterator[FieldError]:
    for name, value in request.path_params.items():
        if isinstance(value, str) and (fault := fault_of_text(value, one_line=True)):
            yield FieldError(f"path.{name}", fault.slug, fault.message)


def _unusable_query(request: HttpRequest) -> Iterator[FieldError]:
    by_name: Mapping[str, Parameter] = {
        each.name: each for each in parameters_of(request).values() if each.source == "query"
    }
    seen: set[str] = set()
    for name, text in request.query_params.multi_items():
        parameter = by_name[name]
        if name in seen and not parameter.several:
            message = "只能給一次 / May be given once only"
            raise RepeatedParameter(errors=[FieldError(parameter.path, "repeated-parameter", message)])
        seen.add(name)
        if fault := parameter.fault_of(text):
            yield FieldError(parameter.path, fault.slug, fault.message)


def _error(name: str, known: frozenset[str]) -> FieldError:
    name = name[:_LONGEST_NAME]
    if not known:
        return FieldError(f"query.{name}", "unknown-parameter", "此位址沒有查詢參數 / This address takes no parameters")
    listed = sorted(known)
    return FieldError(
        f"query.{name}",
        "unknown-parameter",
        f"沒有此參數,可用:{'、'.join(listed)} / There is no such parameter; known are {', '.join(listed)}",
    )
