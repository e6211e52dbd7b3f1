"""The services of this checkout, found by their folders."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from cec_chassis.service import Service

ROOT = Path(__file__).resolve().parents[2]


def service_names() -> tuple[str, ...]:
    """In alphabetical order."""
    return tuple(sorted(path.parent.parent.name for path in ROOT.glob("services/*/cec_*/__main__.py")))


def services() -> dict[str, Service]:
    """What each service is made of, by name."""
    loaded: dict[str, Service] = {}
    for name in service_names():
        service = import_module(f"cec_{name}.service").SERVICE
        if not isinstance(service, Service):
            raise TypeError(f"cec_{name}.service.SERVICE is no Service")
        loaded[name] = service
    return loaded
