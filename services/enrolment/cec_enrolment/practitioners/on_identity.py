"""What we take in of identity's news about practitioners."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.identity import Practitioner
from cec_enrolment.courses.store import courses_lectured_by
from cec_enrolment.practitioners.queries import former_records, practitioners_with_ids
from cec_enrolment.practitioners.store import hold_practitioners, keep_practitioners
from cec_enrolment.rosters.record_lecturers import record_lecturers


async def on_practitioner(tx: Transaction, events: Sequence[Received[Practitioner]]) -> None:
    """Registered or changed: the body is the practitioner as they now are.

    Courses that had them on their lecturer list before we knew of them, or of a profession of theirs, put them on the roster.
    """
    news = newest(events)
    told_of = {event.body.practitioner_id for event in news}
    told_of |= {event.body.merged_into for event in news if event.body.merged_into is not None}
    await hold_practitioners(tx, told_of.union(*(await former_records(tx, told_of)).values()))
    await keep_practitioners(tx, news)
    people = (await practitioners_with_ids(tx, told_of)).values()
    records = {record for person in people for record in (person.practitioner_id, *person.former_ids)}
    await record_lecturers(tx, await courses_lectured_by(tx, records))
