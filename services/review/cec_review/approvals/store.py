"""Loading and saving approvals with their points. The caller holds the row lock while it decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_contracts.vocabulary import Attribute, Method, ParticipantRole, Purpose
from cec_review.approvals.domain import ApprovalStatus, CourseApproval, OpenChange
from cec_review.approvals.lecturers import Lecturer
from cec_review.approvals.refusals import ApprovalNotFound
from cec_review.points.domain import Award
from cec_review.recognitions.domain import Decided

_COLUMNS = """
course_id, case_id, course_code, course_title, activity_id, activity_code, activity_title, offering_unit_id,
offering_unit_name, review_unit_id, method, attribute, infection_control, gender, professions, starts_at, ends_at,
minutes, county, roster_deadline, status, reason, decided_at, version, article, change_reason, change_opened_at,
lecturers, purposes
"""

_SELECT = f"SELECT {_COLUMNS} FROM course_approvals"

_SELECT_AWARDS = """
SELECT a.course_id, a.profession, a.role, a.points
FROM awards a JOIN course_approvals c ON c.course_id = a.course_id AND c.awards_version = a.version
WHERE a.course_id = ANY(CAST(:course_ids AS uuid[]))
"""

_INSERT = f"""
INSERT INTO course_approvals ({_COLUMNS}, awards_version)
VALUES (:course_id, :case_id, :course_code, :course_title, :activity_id, :activity_code, :activity_title,
        :offering_unit_id, :offering_unit_name, :review_unit_id, :method, :attribute, :infection_control, :gender,
        :professions, :starts_at, :ends_at, :minutes, :county, :roster_deadline, :status, :reason, :decided_at,
        :version, :article, :change_reason, :change_opened_at, CAST(:lecturers AS jsonb), :purposes,
        :version)
"""

_UPDATE = """
UPDATE course_approvals SET status = :status, reason = :reason, decided_at = :decided_at, version = :version,
                            article = :article, change_reason = :change_reason, change_opened_at = :change_opened_at
WHERE course_id = :course_id AND version = :version - 1
RETURNING course_id
"""

_INSERT_AWARD = """
INSERT INTO awards (course_id, version, profession, role, points)
VALUES (:course_id, :version, :profession, :role, :points)
"""


async def load(tx: Transaction, course_id: UUID, *, lock: bool = False) -> CourseApproval:
    """The approval; with `lock` nobody else changes it until this transaction ends. Raises ApprovalNotFound."""
    rows = await tx.all(f"{_SELECT} WHERE course_id = :course_id {'FOR UPDATE' if lock else ''}", course_id=course_id)
    if not rows:
        raise ApprovalNotFound
    return (await with_awards(tx, rows))[0]


async def lock_approved_of(tx: Transaction, case_ids: Sequence[UUID]) -> list[CourseApproval]:
    """The approvals of these cases that still count, locked in the order of their courses."""
    rows = await tx.all(
        f"""
        {_SELECT} WHERE case_id = ANY(CAST(:case_ids AS uuid[])) AND status = 'approved'
        ORDER BY course_id FOR UPDATE
        """,
        case_ids=list(case_ids),
    )
    return await with_awards(tx, rows)


async def lock_decided_of_unit(
    tx: Transaction, review_unit_id: UUID, *, course_ids: Sequence[UUID], since: datetime | None
) -> list[tuple[CourseApproval, Decided]]:
    """Approvals of a review unit that still count, those named and those decided since a moment; locked, with the moments
    at which their points were decided."""
    rows = await tx.all(
        f"""
        {_SELECT} WHERE review_unit_id = :review_unit_id AND status = 'approved'
        AND (course_id = ANY(CAST(:course_ids AS uuid[])) OR decided_at >= CAST(:since AS timestamptz))
        ORDER BY course_id FOR UPDATE
        """,
        review_unit_id=review_unit_id,
        course_ids=list(course_ids),
        since=since,
    )
    passed = {
        row.id: row.decided_at
        for row in await tx.all(
            "SELECT id, decided_at FROM cases WHERE id = ANY(CAST(:ids AS uuid[]))", ids=[row.case_id for row in rows]
        )
    }
    return [
        (
            approval,
            Decided(
                course_id=approval.course_id,
                professions=frozenset(award.profession for award in approval.awards),
                moments=tuple({passed[approval.case_id], approval.decided_at}),
            ),
        )
        for approval in await with_awards(tx, rows)
    ]


async def with_awards(tx: Transaction, rows: Sequence[Row[Any]]) -> list[CourseApproval]:
    """Approvals from their rows, with the points that count now."""
    found: dict[UUID, list[Award]] = {row.course_id: [] for row in rows}
    for row in await tx.all(_SELECT_AWARDS, course_ids=list(found)):
        award = Award(profession=row.profession, role=ParticipantRole(row.role), points=row.points)
        found[row.course_id].append(award)
    return [_approval(row, sorted(found[row.course_id])) for row in rows]


async def insert(tx: Transaction, approvals: Sequence[CourseApproval]) -> None:
    """New approvals with their points."""
    await tx.execute_many(_INSERT, [_parameters(approval) for approval in approvals])
    await tx.execute_many(_INSERT_AWARD, [line for approval in approvals for line in _award_lines(approval)])


async def save(tx: Transaction, approval: CourseApproval) -> None:
    """The next version of a locked approval, its points as they were."""
    await tx.one(_UPDATE, **_decision(approval))


async def save_with_awards(tx: Transaction, approval: CourseApproval) -> None:
    """The next version of a locked approval with other points; the earlier points stay on record."""
    await save(tx, approval)
    await tx.execute_many(_INSERT_AWARD, _award_lines(approval))
    await tx.execute(
        "UPDATE course_approvals SET awards_version = version WHERE course_id = :course_id",
        course_id=approval.course_id,
    )


def _award_lines(approval: CourseApproval) -> list[dict[str, Any]]:
    return [
        {
            "course_id": approval.course_id,
            "version": approval.version,
            "profession": award.profession,
            "role": award.role.value,
            "points": award.points,
        }
        for award in approval.awards
    ]


def _decision(approval: CourseApproval) -> dict[str, Any]:
    change = approval.under_change
    return {
        "course_id": approval.course_id,
        "status": approval.status.value,
        "reason": approval.reason,
        "decided_at": approval.decided_at,
        "version": approval.version,
        "article": approval.article,
        "change_reason": None if change is None else change.reason,
        "change_opened_at": None if change is None else change.opened_at,
    }


def _parameters(approval: CourseApproval) -> dict[str, Any]:
    return {
        **_decision(approval),
        "case_id": approval.case_id,
        "course_code": approval.course_code,
        "course_title": approval.course_title,
        "activity_id": approval.activity_id,
        "activity_code": approval.activity_code,
        "activity_title": approval.activity_title,
        "offering_unit_id": approval.offering_unit_id,
        "offering_unit_name": approval.offering_unit_name,
        "review_unit_id": approval.review_unit_id,
        "method": approval.method.value,
        "attribute": approval.attribute.value,
        "infection_control": approval.infection_control,
        "gender": approval.gender,
        "professions": approval.professions,
        "starts_at": approval.starts_at,
        "ends_at": approval.ends_at,
        "minutes": approval.minutes,
        "county": approval.county,
        "roster_deadline": approval.roster_deadline,
        "lecturers": msgspec.json.encode(approval.lecturers).decode(),
        "purposes": [purpose.value for purpose in approval.purposes],
    }


def _approval(row: Row[Any], awards: list[Award]) -> CourseApproval:
    return CourseApproval(
        course_id=row.course_id,
        case_id=row.case_id,
        course_code=row.course_code,
        course_title=row.course_title,
        activity_id=row.activity_id,
        activity_code=row.activity_code,
        activity_title=row.activity_title,
        offering_unit_id=row.offering_unit_id,
        offering_unit_name=row.offering_unit_name,
        review_unit_id=row.review_unit_id,
        method=Method(row.method),
        attribute=Attribute(row.attribute),
        infection_control=row.infection_control,
        gender=row.gender,
        professions=list(row.professions),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        minutes=row.minutes,
        county=row.county,
        awards=awards,
        roster_deadline=row.roster_deadline,
        status=ApprovalStatus(row.status),
        reason=row.reason,
        decided_at=row.decided_at,
        version=row.version,
        article=row.article,
        under_change=None
        if row.change_opened_at is None
        else OpenChange(reason=row.change_reason, opened_at=row.change_opened_at),
        lecturers=msgspec.convert(row.lecturers, list[Lecturer]),
        purposes=[Purpose(purpose) for purpose in row.purposes],
    )
