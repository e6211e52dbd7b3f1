"""The ledger's table: append-only, one row for each version of an attendance.

What counts now is the highest sequence of each attendance; what was known at some time is the highest one known by
then. Nothing is updated, so two workers that take in two versions of the same attendance cannot disturb each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, Integer, Table, Text, Uuid

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.enrolment import Attendance
from cec_credits.tables import metadata

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("attendance_id", Uuid, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("practitioner_id", Uuid, nullable=False),
    Column("profession", Text, nullable=False),
    Column("course_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("minutes", Integer),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("known_at", DateTime(timezone=True), nullable=False),
    Column("event_id", Uuid, nullable=False),
    CheckConstraint("status IN ('recorded', 'withdrawn')", name="ledger_status"),
)
Index("ledger_by_practitioner", ledger_entries.c.practitioner_id)
Index("ledger_by_course", ledger_entries.c.course_id)

APPEND_ENTRIES = """
INSERT INTO ledger_entries (attendance_id, sequence, practitioner_id, profession, course_id, role, minutes, status,
                            reason, recorded_at, event_id, known_at)
SELECT *, CAST(:known_at AS timestamptz) FROM unnest(
    CAST(:attendances AS uuid[]), CAST(:sequences AS bigint[]), CAST(:practitioners AS uuid[]),
    CAST(:professions AS text[]), CAST(:courses AS uuid[]), CAST(:roles AS text[]), CAST(:minutes AS integer[]),
    CAST(:statuses AS text[]), CAST(:reasons AS text[]), CAST(:recorded AS timestamptz[]), CAST(:event_ids AS uuid[]))
ON CONFLICT (attendance_id, sequence) DO NOTHING
"""


HOLD = """
SELECT count(pg_advisory_xact_lock(hashtextextended(CAST(attendance AS text), 1)))
FROM (SELECT DISTINCT attendance FROM unnest(CAST(:attendances AS uuid[])) AS attendance ORDER BY attendance) AS ordered
"""


async def hold(tx: Transaction, attendances: Sequence[UUID]) -> None:
    """Nobody else adds versions of these until we have committed; so each of two sees what the other added."""
    await tx.execute(HOLD, attendances=list(attendances))


async def append(tx: Transaction, events: Sequence[Received[Attendance]]) -> None:
    """Adds these versions; one that is there already stays as it is."""
    bodies = [event.body for event in events]
    await tx.execute(
        APPEND_ENTRIES,
        attendances=[b.attendance_id for b in bodies],
        sequences=[e.sequence for e in events],
        practitioners=[b.practitioner_id for b in bodies],
        professions=[b.profession for b in bodies],
        courses=[b.course_id for b in bodies],
        roles=[b.role.value for b in bodies],
        minutes=[b.minutes for b in bodies],
        statuses=[b.status for b in bodies],
        reasons=[b.reason for b in bodies],
        recorded=[b.recorded_at for b in bodies],
        event_ids=[e.id for e in events],
        known_at=tx.now,
    )
