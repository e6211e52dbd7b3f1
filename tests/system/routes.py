"""Every route of a service, as its application really has it, and an address for each to ask at."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

from cec_chassis.http.guards import RouteAccess, route_table
from cec_chassis.service import Runtime, Service

_PARAMETERS = {"uuid": "00000000-0000-7000-8000-000000000000", "str": "2", "int": "1"}
_PARAMETER = re.compile(r"{\w+:(\w+)}")


def service_of(name: str) -> Service:
    """What service `name` is made of."""
    found: Service = import_module(f"cec_{name}.service").SERVICE
    return found


@cache
def routes_of(name: str) -> tuple[RouteAccess, ...]:
    """The table of routes of service `name`."""
    service = service_of(name)
    return tuple(route_table(service.create_app(Runtime(service, service.documentation_settings()))))


def address_of(service: str, path: str) -> str:
    """The path through the gateway, with ids that nothing has."""
    filled = _PARAMETER.sub(lambda found: _PARAMETERS[found[1]], path)
    return f"/{service}{filled}"
