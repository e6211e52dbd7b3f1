"""Who asks, and which story a transaction belongs to. Passed explicitly; no ambient state decides anything."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """The authenticated caller as their access token describes them."""

    account_id: UUID
    role: str
    name: str = ""
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What travels from the edge into outbox and audit rows.

    `correlation_id` stays the same along a whole story; `causation_id` is the event that made us act.
    """

    actor: Actor | None = None
    request_id: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    traceparent: str | None = None
    tracestate: str | None = None
