"""What arrives: a delivery, decoded as far as it can be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
from aio_pika.abc import AbstractIncomingMessage
from aiormq.abc import DeliveredMessage

from cec_chassis.bus.faults import Unprocessable
from cec_chassis.bus.subscription import Received, Subscription
from cec_contracts.envelope import SEQUENCE_DIGITS, CloudEvent

ATTEMPT_HEADER = "x-attempt"
REPLAY_HEADER = "x-replay"
LARGEST_SEQUENCE = 2**63 - 1

_envelope = msgspec.json.Decoder(CloudEvent)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and the event in it."""

    message: DeliveredMessage
    event: Received[Any]
    subscription: Subscription

    @property
    def is_replay(self) -> bool:
        headers = self.message.header.properties.headers
        return bool(headers and headers.get(REPLAY_HEADER))


class Decoder:
    """Knows the body of each event type a service subscribes to. Unknown fields are ignored: publishers may add."""

    def __init__(self, subscriptions: tuple[Subscription, ...]) -> None:
        self._by_type = {s.event.name: (s, msgspec.json.Decoder(s.event.body)) for s in subscriptions}

    def decode(self, message: DeliveredMessage) -> Delivery:
        """Raises Unprocessable with the reason under which the message is parked."""
        try:
            envelope = _envelope.decode(message.body)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise Unprocessable("not-a-cloudevent", str(error)) from error
        if envelope.type not in self._by_type:
            raise Unprocessable("unknown-type", envelope.type)
        if not _is_sequence(envelope.sequence):
            raise Unprocessable("bad-sequence", envelope.sequence)
        subscription, decoder = self._by_type[envelope.type]
        try:
            body = decoder.decode(envelope.data)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise Unprocessable("schema-mismatch", f"{envelope.type}: {error}") from error
        return Delivery(message, Received.of(envelope, body), subscription)


def _is_sequence(text: str) -> bool:
    """A whole number from 1 to the largest that a bigint column holds."""
    return text.isascii() and text.isdigit() and len(text) <= SEQUENCE_DIGITS and 1 <= int(text) <= LARGEST_SEQUENCE


async def acknowledge(message: DeliveredMessage, *, multiple: bool = False) -> None:
    """It is done with; with `multiple` everything earlier on its channel is, too."""
    await message.channel.basic_ack(message.delivery_tag or 0, multiple=multiple)


def attempt_of(message: AbstractIncomingMessage) -> int:
    """How often we tried it before. Our own header: brokers count differently from version to version."""
    value = message.headers.get(ATTEMPT_HEADER, 0)
    return max(value, 0) if isinstance(value, int) else 0


def digest_of(message: AbstractIncomingMessage) -> str:
    """Tells messages apart by their bytes: relay and republish send an event with the same ones, and two different
    messages under one message id stay two."""
    return hashlib.sha256(message.body).hexdigest()
