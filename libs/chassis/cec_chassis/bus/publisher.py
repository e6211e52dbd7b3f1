"""Publishing that is only done when the broker has confirmed it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from pamqp.commands import Basic

from cec_chassis.bus.connection import publishing_channel
from cec_contracts.envelope import CONTENT_TYPE

PUBLISH_TIMEOUT_SECONDS = 10
"""During an alarm the broker simply does not answer; without this limit a publish would wait for ever (trap A4)."""


class NotConfirmed(ConnectionError):
    """The broker answered with something else than a confirm; the message counts as not sent."""


class ConfirmedPublisher:
    """One exchange on one channel: the client library attributes a returned message to its publish by message id,
    so the same event must never be in flight twice on a channel (trap A1)."""

    def __init__(self, channel: AbstractChannel, exchange: AbstractExchange) -> None:
        self._channel = channel  # a strong reference: the connection holds channels weakly
        self._exchange = exchange

    @classmethod
    async def on(cls, connection: AbstractConnection, exchange: str) -> ConfirmedPublisher:
        """`exchange` must exist; an empty name is the default exchange, which routes by queue name."""
        channel = await publishing_channel(connection)
        if exchange == "":
            return cls(channel, channel.default_exchange)
        return cls(channel, await channel.get_exchange(exchange, ensure=False))

    async def publish(
        self,
        body: bytes,
        *,
        routing_key: str,
        message_id: UUID | str,
        headers: dict[str, Any] | None = None,
        patient: bool = False,
    ) -> None:
        """Returns when the broker has taken responsibility. Raises DeliveryError, TimeoutError or a connection error;
        after any of them the message may or may not have arrived, so the caller sends it again.

        A `patient` caller, who has something else to do meanwhile, waits out an alarm instead of the time limit."""
        message = Message(
            body,
            content_type=CONTENT_TYPE,
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=str(message_id),
            headers=headers or {},
        )
        limit = None if patient else PUBLISH_TIMEOUT_SECONDS
        confirmation = await self._exchange.publish(message, routing_key, timeout=limit)
        if not isinstance(confirmation, Basic.Ack):
            raise NotConfirmed(f"{message_id} to {routing_key}: {type(confirmation).__name__}")

    @property
    def is_open(self) -> bool:
        return not self._channel.is_closed
