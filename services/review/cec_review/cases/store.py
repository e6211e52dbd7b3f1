"""Cases: table, upsert from submissions, load and save."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, Row, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_contracts.activities import Activity
from cec_review.cases.domain import Case, CaseStatus
from cec_review.cases.refusals import CaseNotFound
from cec_review.tables import metadata

cases = Table(
    "cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("activity_id", Uuid, nullable=False),
    Column("submission", Integer, nullable=False),
    Column("review_unit_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("activity", JSONB, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("activity_id", "submission", name="cases_activity_id_submission_key"),
    Index("cases_of_unit", "review_unit_id", "status", "id"),
)

# The status is ours: news of an activity opens a case or ends an open one, and never undoes a decision.
_UPSERT = """
INSERT INTO cases AS known
    (id, activity_id, submission, review_unit_id, status, comment, activity, sequence, received_at, version)
SELECT id, activity_id, submission, review_unit_id, CASE WHEN withdrawn THEN 'withdrawn' ELSE 'open' END, '',
       activity, sequence, :now, 1
FROM unnest(CAST(:ids AS uuid[]), CAST(:activity_ids AS uuid[]), CAST(:submissions AS integer[]),
            CAST(:review_unit_ids AS uuid[]), CAST(:withdrawn AS boolean[]), CAST(:activities AS jsonb[]),
            CAST(:sequences AS bigint[]))
     AS news (id, activity_id, submission, review_unit_id, withdrawn, activity, sequence)
ORDER BY activity_id, submission
ON CONFLICT (activity_id, submission) DO UPDATE SET
    activity = excluded.activity, sequence = excluded.sequence, version = known.version + 1,
    status = CASE WHEN known.status = 'open' THEN excluded.status ELSE known.status END
WHERE known.sequence < excluded.sequence
RETURNING id, status, activity ->> 'status' AS activity_status
"""

_COLUMNS = """
SELECT id, activity_id, submission, review_unit_id, status, comment, received_at, decided_at, version,
       CAST(activity AS text) AS activity
FROM cases
"""
_SELECT = f"{_COLUMNS} WHERE id = :id"


async def take_in(tx: Transaction, news: Sequence[Received[Activity]]) -> list[UUID]:
    """Opens or ends the cases of these submissions, each named once.

    Returns the cases that had been passed before we heard that the unit had withdrawn.
    """
    rows = await tx.all(
        _UPSERT,
        now=tx.now,
        ids=[new_id() for _ in news],
        activity_ids=[event.body.activity_id for event in news],
        submissions=[event.body.submission for event in news],
        review_unit_ids=[event.body.review_unit_id for event in news],
        withdrawn=[event.body.status == "withdrawn" for event in news],
        activities=[msgspec.json.encode(event.body).decode() for event in news],
        sequences=[event.sequence for event in news],
    )
    return [row.id for row in rows if row.status == CaseStatus.PASSED and row.activity_status == "withdrawn"]


async def load(tx: Transaction, case_id: UUID, *, lock: bool = False) -> Case:
    """The case; with `lock` nobody else decides it until this transaction ends. Raises CaseNotFound."""
    row = await tx.one_or_none(_SELECT + (" FOR UPDATE" if lock else ""), id=case_id)
    if row is None:
        raise CaseNotFound
    return _case(row)


async def lock_open_of_unit(tx: Transaction, review_unit_id: UUID) -> list[Case]:
    """The open cases of a review unit; nobody else decides them until this transaction ends."""
    rows = await tx.all(
        f"{_COLUMNS} WHERE review_unit_id = :id AND status = 'open' ORDER BY id FOR UPDATE", id=review_unit_id
    )
    return [_case(row) for row in rows]


async def is_superseded(tx: Transaction, case: Case) -> bool:
    """Whether the activity has been submitted again."""
    return bool(
        await tx.scalar(
            "SELECT EXISTS (SELECT FROM cases WHERE activity_id = :activity_id AND submission > :submission)",
            activity_id=case.activity_id,
            submission=case.submission,
        )
    )


async def save_decision(tx: Transaction, case: Case) -> None:
    """The decision on a locked case."""
    await tx.one(
        """
        UPDATE cases SET status = :status, comment = :comment, decided_at = :decided_at, version = :version
        WHERE id = :id AND version = :version - 1 RETURNING id
        """,
        id=case.case_id,
        status=case.status.value,
        comment=case.comment,
        decided_at=case.decided_at,
        version=case.version,
    )


def _case(row: Row[Any]) -> Case:
    return Case(
        case_id=row.id,
        activity_id=row.activity_id,
        submission=row.submission,
        review_unit_id=row.review_unit_id,
        status=CaseStatus(row.status),
        comment=row.comment,
        received_at=row.received_at,
        decided_at=row.decided_at,
        version=row.version,
        activity=msgspec.json.decode(row.activity, type=Activity),
    )
