"""The copy of course approvals: append-only like the ledger, so that "as known on a day" can be asked of both."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, DateTime, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.review import CourseApproval
from cec_credits.tables import metadata

course_approvals = Table(
    "course_approvals",
    metadata,
    Column("course_id", Uuid, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("course_code", Text, nullable=False),
    Column("course_title", Text, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("activity_code", Text, nullable=False),
    Column("offering_unit_name", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("infection_control", Boolean, nullable=False),
    Column("gender", Boolean, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("awards", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("known_at", DateTime(timezone=True), nullable=False),
    # The last three are null in versions that were taken in before they were kept.
    Column("activity_title", Text),
    Column("offering_unit_id", Uuid),
    Column("review_unit_id", Uuid),
    # by which it lost its effect; empty where the review unit decided
    Column("article", Text, nullable=False, server_default=""),
    # set while the review unit examines whether to change it
    Column("change_reason", Text),
    Column("change_opened_at", DateTime(timezone=True)),
    Column("purposes", JSONB, nullable=False, server_default='["practice_licence"]'),
    CheckConstraint("status IN ('approved', 'withdrawn')", name="approval_status"),
)

APPEND_APPROVALS = """
INSERT INTO course_approvals (
    course_id, sequence, course_code, course_title, activity_id, activity_code, offering_unit_name, method, attribute,
    infection_control, gender, starts_at, ends_at, minutes, awards, status, reason, decided_at,
    activity_title, offering_unit_id, review_unit_id, article, change_reason, change_opened_at, purposes, known_at)
SELECT *, CAST(:known_at AS timestamptz) FROM unnest(
    CAST(:courses AS uuid[]), CAST(:sequences AS bigint[]), CAST(:codes AS text[]), CAST(:titles AS text[]),
    CAST(:activities AS uuid[]), CAST(:activity_codes AS text[]), CAST(:units AS text[]), CAST(:methods AS text[]),
    CAST(:attributes AS text[]), CAST(:infection AS boolean[]), CAST(:gender AS boolean[]),
    CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]), CAST(:minutes AS integer[]),
    CAST(:awards AS jsonb[]), CAST(:statuses AS text[]), CAST(:reasons AS text[]), CAST(:decided AS timestamptz[]),
    CAST(:activity_titles AS text[]), CAST(:unit_ids AS uuid[]), CAST(:reviewers AS uuid[]),
    CAST(:articles AS text[]), CAST(:change_reasons AS text[]), CAST(:changes_opened AS timestamptz[]),
    CAST(:purposes AS jsonb[]))
ON CONFLICT (course_id, sequence) DO NOTHING
"""
HOLD_SHARED = """
SELECT count(pg_advisory_xact_lock_shared(hashtextextended(CAST(course AS text), 0)))
FROM (SELECT DISTINCT course FROM unnest(CAST(:courses AS uuid[])) AS course ORDER BY course) AS ordered
"""
HOLD_ALONE = """
SELECT count(pg_advisory_xact_lock(hashtextextended(CAST(course AS text), 0)))
FROM (SELECT DISTINCT course FROM unnest(CAST(:courses AS uuid[])) AS course ORDER BY course) AS ordered
"""


async def append(tx: Transaction, events: Sequence[Received[CourseApproval]]) -> None:
    """Adds these versions; one that is there already stays as it is."""
    bodies = [event.body for event in events]
    await tx.execute(
        APPEND_APPROVALS,
        courses=[b.course_id for b in bodies],
        sequences=[e.sequence for e in events],
        codes=[b.course_code for b in bodies],
        titles=[b.course_title for b in bodies],
        activities=[b.activity_id for b in bodies],
        activity_codes=[b.activity_code for b in bodies],
        units=[b.offering_unit_name for b in bodies],
        methods=[b.method.value for b in bodies],
        attributes=[b.attribute.value for b in bodies],
        infection=[b.infection_control for b in bodies],
        gender=[b.gender for b in bodies],
        starts=[b.starts_at for b in bodies],
        ends=[b.ends_at for b in bodies],
        minutes=[b.minutes for b in bodies],
        awards=[_awards(b) for b in bodies],
        statuses=[b.status for b in bodies],
        reasons=[b.reason for b in bodies],
        decided=[b.decided_at for b in bodies],
        activity_titles=[b.activity_title for b in bodies],
        unit_ids=[b.offering_unit_id for b in bodies],
        reviewers=[b.review_unit_id for b in bodies],
        articles=[b.article for b in bodies],
        change_reasons=[None if b.under_change is None else b.under_change.reason for b in bodies],
        changes_opened=[None if b.under_change is None else b.under_change.opened_at for b in bodies],
        purposes=[msgspec.json.encode(b.purposes).decode() for b in bodies],
        known_at=tx.now,
    )


def _awards(approval: CourseApproval) -> str:
    """As `{"2:learner": "3.60"}`, so that SQL finds the points of a profession and role with one look-up."""
    awards = {f"{a.profession}:{a.role.value}": str(a.points) for a in approval.awards}
    return msgspec.json.encode(awards).decode()


async def hold_while_attending(tx: Transaction, courses: Sequence[UUID]) -> None:
    """Attendance of these courses is being written; an approval of them waits until that is committed.

    Without it an attendance could commit after an approval has marked everybody it knew of, and be recalculated
    before the approval commits: it would keep the old points for ever.
    """
    await tx.execute(HOLD_SHARED, courses=list(courses))


async def hold_while_approving(tx: Transaction, courses: Sequence[UUID]) -> None:
    """The approval of these courses is being written; attendance of them waits until that is committed."""
    await tx.execute(HOLD_ALONE, courses=list(courses))
