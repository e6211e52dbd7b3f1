"""What we take in of identity's news about practitioners."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.identity import Practitioner
from cec_enrolment.practitioners.store import keep_practitioners


async def on_practitioner(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Registered or changed: the body is the practitioner as they now are."""
    await keep_practitioners(tx, newest(events))
