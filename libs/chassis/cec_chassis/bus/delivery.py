"""What arrives: a delivery, decoded as far as it can be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
from aio_pika.abc import AbstractIncomingMessage

from cec_chassis.bus.faults import Unprocessable
from cec_chassis.bus.subscription import Received, Subscription
from cec_contracts.envelope import CloudEvent

ATTEMPT_HEADER = "x-attempt"
REPLAY_HEADER = "x-replay"

_envelope = msgspec.json.Decoder(CloudEvent)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and the event in it."""

    message: AbstractIncomingMessage
    event: Received[Any]
    subscription: Subscription

    @property
    def is_replay(self) -> bool:
        return bool(self.message.headers.get(REPLAY_HEADER))


class Decoder:
    """Knows the body of each event type a service subscribes to. Unknown fields are ignored: publishers may add."""

    def __init__(self, subscriptions: tuple[Subscription, ...]) -> None:
        self._by_type = {s.event.name: (s, msgspec.json.Decoder(s.event.body)) for s in subscriptions}

    def decode(self, message: AbstractIncomingMessage) -> Delivery:
        """Raises Unprocessable with the reason under which the message is parked."""
        try:
            envelope = _envelope.decode(message.body)
            version = envelope.version
        except (msgspec.DecodeError, ValueError) as error:
            raise Unprocessable("not-a-cloudevent", str(error)) from error
        if envelope.type not in self._by_type:
            raise Unprocessable("unknown-type", envelope.type)
        if version < 1:
            raise Unprocessable("bad-sequence", envelope.sequence)
        subscription, decoder = self._by_type[envelope.type]
        try:
            body = decoder.decode(envelope.data)
        except (msgspec.DecodeError, ValueError) as error:
            raise Unprocessable("schema-mismatch", f"{envelope.type}: {error}") from error
        return Delivery(message, Received.of(envelope, body), subscription)


def attempt_of(message: AbstractIncomingMessage) -> int:
    """How often we tried it before. Our own header: brokers count differently from version to version."""
    value = message.headers.get(ATTEMPT_HEADER, 0)
    return value if isinstance(value, int) else 0


def message_key(message: AbstractIncomingMessage) -> str:
    """The event id where there is one, else a digest of the bytes: parking the same message twice is one row."""
    return message.message_id or hashlib.sha256(message.body).hexdigest()
