"""A line of a service's `subscribes.py`: which event, which handler. Handlers take a batch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from cec_chassis.database.transaction import Transaction
from cec_contracts.envelope import CloudEvent, EventType

Body = TypeVar("Body", bound=msgspec.Struct)


class Received(msgspec.Struct, Generic[Body], frozen=True):
    """One event as a handler sees it."""

    id: UUID
    type: str
    subject: str
    sequence: int
    time: datetime
    body: Body
    traceparent: str | None = None
    correlation_id: UUID | None = None

    @classmethod
    def of(cls, event: CloudEvent, body: Body) -> Received[Body]:
        return cls(
            event.id,
            event.type,
            event.subject,
            event.version,
            event.time,
            body,
            event.traceparent,
            event.correlationid,
        )


Handler = Callable[[Transaction, Sequence[Received[Any]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """Events of this type go to this handler. One handler may stand in several subscriptions; it then gets the
    events of all of them together, in the order of arrival."""

    event: EventType[Any]
    handler: Handler


def newest(events: Iterable[Received[Body]]) -> list[Received[Body]]:
    """The highest sequence of each subject. One statement must not touch a row twice, and older news is no news."""
    latest: dict[str, Received[Body]] = {}
    for event in events:
        known = latest.get(event.subject)
        if known is None or known.sequence < event.sequence:
            latest[event.subject] = event
    return list(latest.values())
