"""What identity says about practitioners."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.identity import Practitioner
from cec_credits.practitioners import store
from cec_credits.practitioners.merges import settle_merges
from cec_credits.recalculation.lanes import nudge
from cec_credits.recalculation.store import Mark, mark_people


async def on_practitioner(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Registered or changed: a licence or a practice area decides the window and the multiplier, so all are marked.

    Professions come from certificates as well: attendance may have arrived before the person did, under a profession
    that they hold without practising it, and its own mark found nobody then. For the same reason from the ledger.
    Whom a merge, or its end, concerns is marked in every profession of all who are concerned.
    """
    latest = newest(events)
    await store.append(tx, events)
    await store.keep(tx, latest)
    merged = await settle_merges(tx, [event.body.practitioner_id for event in latest])
    marks = [Mark(person, profession) for person, profession in sorted(merged)] + [
        Mark(event.body.practitioner_id, profession, event.traceparent)
        for event in latest
        for profession in _professions_of(event.body)
    ]
    await mark_people(tx, marks, {event.body.practitioner_id: event.traceparent for event in latest})
    tx.after_commit(nudge)


def _professions_of(practitioner: Practitioner) -> set[str]:
    return {x.profession for x in practitioner.licences} | {x.profession for x in practitioner.certificates}
