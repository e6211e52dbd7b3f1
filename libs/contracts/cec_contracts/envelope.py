"""The envelope of every message: CloudEvents 1.0 in structured JSON mode, and the declaration of an event type."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment. Without a timezone nobody could tell which day in Taipei it belongs to, so such a message is refused."""

Body = TypeVar("Body", bound=msgspec.Struct)

CONTENT_TYPE = "application/cloudevents+json"
SEQUENCE_DIGITS = 20
"""CloudEvents compares `sequence` as text, so the number is padded with zeros to this length."""


@dataclass(frozen=True, slots=True)
class EventType(Generic[Body]):
    """One kind of news: its wire name, the shape of its body and what it means.

    The body always carries the aggregate as it is *after* what happened; the name says what happened.
    The wire name is also the routing key: `cec.<publisher>.<event>.v<major>`.
    """

    name: str
    body: type[Body]
    chinese: str
    english: str

    @property
    def publisher(self) -> str:
        return self.name.split(".")[1]

    @property
    def exchange(self) -> str:
        """The topic exchange that carries this event."""
        return f"cec.{self.publisher}"


class CloudEvent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A CloudEvents 1.0 envelope with the extensions sequence, partitionkey and distributed tracing.

    `subject` names the aggregate, `sequence` is its version: a receiver that keeps the highest sequence per
    subject may get events twice, late or out of order without harm. `data` stays raw until its type is known.
    """

    # A factory, because `omit_defaults` would leave a plain default out, and CloudEvents requires both on the wire.
    specversion: Literal["1.0"] = msgspec.field(default_factory=lambda: "1.0")
    id: uuid.UUID
    source: str
    type: str
    subject: str
    time: Instant
    sequence: str
    datacontenttype: str = msgspec.field(default_factory=lambda: "application/json")
    dataschema: str | None = None
    partitionkey: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None
    correlationid: uuid.UUID | None = None
    causationid: uuid.UUID | None = None
    data: msgspec.Raw

    @property
    def version(self) -> int:
        return int(self.sequence)


def padded(sequence: int) -> str:
    return f"{sequence:0{SEQUENCE_DIGITS}d}"
