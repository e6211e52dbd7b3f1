"""What identity says of practitioners."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts import identity
from cec_review.practitioners import store


async def on_practitioner(tx: Transaction, events: Sequence[Received[identity.Practitioner]]) -> None:
    """A practitioner was registered or changed: the copy follows the newest news."""
    await store.keep(tx, newest(events))
