"""The parameters of each route: what clients call them, and what the handler wants them to be.

Litestar keeps the outer name, the inner name and the type in three places, those of dependencies (`paging`) among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from msgspec import inspect

from cec_chassis.usable import Unusable, fault_of_day, fault_of_text

_KEY = "parameters"
_NONE: Mapping[str, Any] = MappingProxyType({})


class Parameter(NamedTuple):
    """One parameter. `source` is query, header, cookie or path; `name` is what the client writes."""

    source: str
    name: str
    kind: Any
    several: bool
    """Whether it may be given more than once."""
    holds_a_day: type[date] | None
    """`datetime` or `date`, where it is one."""

    @property
    def path(self) -> str:
        """As errors call it: `query.from`, `header.X-Purpose`."""
        return f"{self.source}.{self.name}"

    def fault_of(self, text: str) -> Unusable | None:
        """What is wrong with a text that was sent for it, as far as the system as a whole cannot use it. Whether it is
        what the handler wants, the framework says."""
        fault = fault_of_text(text, one_line=True)
        if fault is None and self.holds_a_day is not None:
            try:
                return fault_of_day(msgspec.convert(text, self.holds_a_day, strict=False))
            except msgspec.ValidationError:
                return None  # no day at all: the framework refuses it in its own words
        return fault


def learn_parameters(app: Litestar) -> None:
    """Looks up the parameters of every route of the finished application, once."""
    for route in app.routes:
        for handler, arguments in getattr(route, "route_handler_map", {}).values():
            known = dict(handler.opt.get(_KEY, {}))
            known |= {each.field_name: _parameter(each, handler) for each in _expected(arguments)}
            handler.opt = {**handler.opt, _KEY: known}


def parameters_of(request: Any) -> Mapping[str, Parameter]:
    """The parameters of the route that was called, by what the handler calls them; none where no route was found."""
    handler = request.scope.get("route_handler")
    return _NONE if handler is None else handler.opt.get(_KEY, _NONE)


def _expected(arguments: Any) -> Iterator[Any]:
    for name in ("expected_query_params", "expected_header_params", "expected_cookie_params", "expected_path_params"):
        yield from getattr(arguments, name, ())


def _parameter(expected: Any, handler: HTTPRouteHandler) -> Parameter:
    kind = next((found for found in _kinds(handler, expected.field_name)), Any)
    source = str(expected.param_type.value)
    return Parameter(source, expected.field_alias, kind, expected.is_sequence, _day_in(kind))


def _kinds(handler: HTTPRouteHandler, name: str) -> Iterator[Any]:
    dependencies: Mapping[str, Any] = handler.resolve_dependencies()
    signatures: list[Any] = [handler.parsed_fn_signature]
    asked: set[str] = set()
    while signatures:
        parameters = signatures.pop(0).parameters
        if name in parameters:
            field = parameters[name]
            said = tuple(each for each in field.metadata if isinstance(each, msgspec.Meta))
            yield Annotated[(field.annotation, *said)] if said else field.annotation
        wanted = (set(parameters) & set(dependencies)) - asked
        asked |= wanted
        signatures += [dependencies[each].parsed_fn_signature for each in sorted(wanted)]


def _day_in(kind: Any) -> type[date] | None:
    node: Any = inspect.type_info(kind)
    for each in getattr(node, "types", (node,)):
        if isinstance(each, inspect.DateTimeType):
            return datetime
        if isinstance(each, inspect.DateType):
            return date
    return None
