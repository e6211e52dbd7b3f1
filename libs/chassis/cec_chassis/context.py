"""Who asks, and which story a transaction belongs to. Passed explicitly; no ambient state decides anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    client_id: UUID | None = None
    """The registered client that asks: another system for itself, or an application for the person. It may do no more
    than its scopes say. None: the person asks, with all that their role may do."""
    session_id: UUID | None = None
    """The sign-in that the token came from; None for callers that have none, such as machines."""
    authenticated_at: datetime | None = None
    """When the caller last showed that it is they; a refresh does not move it."""
    methods: tuple[str, ...] = ()
    """How they showed it, in the words of RFC 8176: `pwd`, `otp`, `pop`, `sc`, `mfa`."""


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What travels from the edge into outbox and audit rows.

    `correlation_id` stays the same along a whole story; `causation_id` is the event that made us act. `in_bulk` says that
    the event came by the slow lane, with many of its kind: what follows from it may let single ones go first.
    """

    actor: Actor | None = None
    request_id: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    traceparent: str | None = None
    tracestate: str | None = None
    in_bulk: bool = False
