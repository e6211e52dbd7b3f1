"""Every event that exists, by wire name. A new event is added to its publisher's module and appears here by itself."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from cec_contracts import activities, audit, credits, enrolment, identity, public, review
from cec_contracts.envelope import EventType

PUBLISHER_MODULES: tuple[ModuleType, ...] = (identity, activities, review, enrolment, credits, public, audit)


def _events(module: ModuleType) -> list[EventType[Any]]:
    return [value for value in vars(module).values() if isinstance(value, EventType)]


EVENTS: dict[str, EventType[Any]] = {event.name: event for module in PUBLISHER_MODULES for event in _events(module)}
