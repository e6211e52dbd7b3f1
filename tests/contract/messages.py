"""A message as the client library hands it to a consumer, without a broker."""

from __future__ import annotations

from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from cec_contracts.envelope import CONTENT_TYPE


def delivered(body: bytes, routing_key: str) -> DeliveredMessage:
    """The message that a consumer of a quorum queue gets when `body` was published under `routing_key`."""
    properties = Basic.Properties(content_type=CONTENT_TYPE, delivery_mode=2)
    return DeliveredMessage(
        delivery=Basic.Deliver(consumer_tag="test", delivery_tag=1, exchange="", routing_key=routing_key),
        header=ContentHeader(body_size=len(body), properties=properties),
        body=body,
        channel=None,  # type: ignore[arg-type]  # nothing is settled here
    )
