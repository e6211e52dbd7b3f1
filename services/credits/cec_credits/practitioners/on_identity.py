"""What identity says about practitioners."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.identity import Practitioner
from cec_credits.practitioners import store
from cec_credits.recalculation.signal import nudge
from cec_credits.recalculation.store import Mark, mark


async def on_practitioner(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Registered or changed: a licence or a practice area decides the window and the multiplier, so all are marked."""
    latest = newest(events)
    await store.keep(tx, latest)
    await mark(
        tx,
        (
            Mark(event.body.practitioner_id, licence.profession, event.traceparent)
            for event in latest
            for licence in event.body.licences
        ),
    )
    tx.after_commit(nudge)
