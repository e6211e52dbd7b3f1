"""Where a message goes that was not taken in: up the retry ladder, or to parking. Confirmed publish first, then the
acknowledgement, so a crash in between makes a duplicate and never a loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import NoneType
from typing import Any

import structlog
from aio_pika.abc import AbstractIncomingMessage

from cec_chassis.bus.delivery import ATTEMPT_HEADER, attempt_of, digest_of
from cec_chassis.bus.faults import Fault, classify, reason_of
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.topology import RetryDelays
from cec_chassis.failpoints import hit

LONGEST_ERROR = 2_000
DEATHS = "x-death"
WRITABLE = (str, int, float, datetime, NoneType)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Settler:
    """Publishes on the worker's publishing connection, never on the one that consumes."""

    names: QueueNames
    publisher: ConfirmedPublisher
    delays: RetryDelays

    async def refuse(self, message: AbstractIncomingMessage, error: BaseException) -> None:
        """Retry later or park, by the kind of error and the attempts so far."""
        attempt = attempt_of(message)
        if classify(error) is Fault.PERMANENT or attempt >= len(self.delays):
            await self._park(message, error, attempt + 1)
            return
        label, _ = self.delays[attempt]
        log.warning(
            "consumer.retry", service=self.names.service, message=message.message_id, rung=label, error=repr(error)
        )
        await self._forward(message, self.names.retry(label), {ATTEMPT_HEADER: attempt + 1})
        await hit("consumer.after_retry_publish")
        await message.ack()

    async def _park(self, message: AbstractIncomingMessage, error: BaseException, attempts: int) -> None:
        reason = reason_of(error)
        log.error(
            "consumer.parked", service=self.names.service, message=message.message_id, reason=reason, error=repr(error)
        )
        headers = {
            "x-park-reason": reason,
            "x-park-error": repr(error)[:LONGEST_ERROR],
            ATTEMPT_HEADER: attempts,
        }
        await self._forward(message, self.names.dead, headers)
        await hit("consumer.after_park_publish")
        await message.ack()

    async def _forward(self, message: AbstractIncomingMessage, queue: str, headers: dict[str, Any]) -> None:
        await self.publisher.publish(
            message.body,
            routing_key=queue,
            message_id=message.message_id or digest_of(message),
            headers={**_carried(message.headers), **headers},
            patient=True,
        )


def _carried(headers: Mapping[str, Any]) -> dict[str, Any]:
    """What goes along. The client library can read more kinds of values than it can write; and the broker's own
    record of deaths is for the broker to write."""
    return {
        key: value if isinstance(value, WRITABLE) else str(value) for key, value in headers.items() if key != DEATHS
    }
