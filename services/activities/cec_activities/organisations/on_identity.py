"""What identity says of organisations."""

from __future__ import annotations

from collections.abc import Sequence

from cec_activities.organisations import store
from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts import identity


async def on_organisation(tx: Transaction, events: Sequence[Received[identity.Organisation]]) -> None:
    """An organisation was registered or changed: the copy follows the newest news."""
    await store.keep(tx, newest(events))
