"""The outward face: reporting tells nobody anything; it only listens."""

from __future__ import annotations

from typing import Any

from cec_contracts.envelope import EventType

PUBLISHES: tuple[EventType[Any], ...] = ()
