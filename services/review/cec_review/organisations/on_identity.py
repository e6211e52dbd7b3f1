"""What identity says of organisations."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts import identity
from cec_review.organisations import store


async def on_organisation(tx: Transaction, events: Sequence[Received[identity.Organisation]]) -> None:
    """An organisation was registered or changed: the name follows the newest news."""
    await store.keep(tx, newest(events))
