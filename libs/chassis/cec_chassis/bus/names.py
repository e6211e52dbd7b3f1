"""What exchanges and queues are called. The same rule for every service, so an operator can guess."""

from __future__ import annotations

from dataclasses import dataclass

UNROUTED = "cec.unrouted"
"""Alternate exchange and queue: what no queue was bound for lands here instead of vanishing."""
PUBLIC_EXCHANGE = "cec.public"
PUBLIC_LOG = "cec.public.log"
PUBLIC_PUBLISHER = "public"

RETRY_DELAYS: tuple[tuple[str, int], ...] = (("1s", 1_000), ("10s", 10_000), ("1m", 60_000), ("10m", 600_000))
"""The retry ladder: label and delay in milliseconds. After the last rung a message is parked."""


def bulk_exchange(publisher: str) -> str:
    """Beside `cec.<publisher>`: the events of a command that told hundreds at once, as the import of a file does."""
    return f"cec.{publisher}.bulk"


@dataclass(frozen=True, slots=True)
class QueueNames:
    """The queues of one consuming service."""

    service: str

    @property
    def events(self) -> str:
        return f"{self.service}.events"

    @property
    def replay(self) -> str:
        """The slow lane: republished events and those of bulk, so that many at once do not delay single ones."""
        return f"{self.service}.replay"

    @property
    def dead(self) -> str:
        """Parked messages on their way into the table `parked_messages`."""
        return f"{self.service}.events.dead"

    def retry(self, label: str) -> str:
        return f"{self.service}.events.retry.{label}"
