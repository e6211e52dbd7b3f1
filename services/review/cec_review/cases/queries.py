"""What can be asked about cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cec_chassis.context import Actor
from cec_chassis.database import Transaction
from cec_chassis.http.paging import Page, Paging
from cec_chassis.problems import FieldError
from cec_contracts.activities import Activity
from cec_review.access import require_readable, unit_to_list
from cec_review.approvals.domain import ApprovalView, CourseApproval
from cec_review.cases import store
from cec_review.cases.domain import Case, CaseStatus
from cec_review.policies.store import policy_of
from cec_review.rulesets.domain import Suggestion
from cec_review.rulesets.store import all_rule_sets


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the queue."""

    case_id: UUID
    activity_id: UUID
    activity_code: str
    activity_title: str
    offering_unit_name: str
    submission: int
    status: CaseStatus
    received_at: datetime
    decided_at: datetime | None


class CourseSuggestions(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules suggest for one course; empty when they say nothing of it."""

    course_id: UUID
    awards: list[Suggestion]


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case with the submission as it came in. `superseded`: the activity was submitted again since."""

    case_id: UUID
    submission: int
    review_unit_id: UUID
    status: CaseStatus
    superseded: bool
    comment: str
    received_at: datetime
    decided_at: datetime | None
    version: int
    activity: Activity
    suggestions: list[CourseSuggestions]


class DecidedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case after its decision, with the approvals that came of it.

    `warnings` name points above what the formula makes of the minutes (`above-suggestion`); they stand all the same.
    """

    case_id: UUID
    activity_id: UUID
    submission: int
    status: CaseStatus
    comment: str
    decided_at: datetime | None
    version: int
    approvals: list[ApprovalView]
    warnings: list[FieldError] = []

    @classmethod
    def of(cls, case: Case, approvals: list[CourseApproval], warnings: list[FieldError]) -> DecidedCase:
        """As the decision left it."""
        return cls(
            case_id=case.case_id,
            activity_id=case.activity_id,
            submission=case.submission,
            status=case.status,
            comment=case.comment,
            decided_at=case.decided_at,
            version=case.version,
            approvals=[approval.shown() for approval in approvals],
            warnings=warnings,
        )


_FOUND = """
FROM cases
WHERE (CAST(:review_unit_id AS uuid) IS NULL OR review_unit_id = :review_unit_id)
  AND (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:activity_id AS uuid) IS NULL OR activity_id = :activity_id)
"""

_LIST = f"""
SELECT id AS case_id, activity_id, activity ->> 'code' AS activity_code, activity ->> 'title' AS activity_title,
       activity ->> 'offering_unit_name' AS offering_unit_name, submission, status, received_at, decided_at
{_FOUND}
"""

_COUNT = f"SELECT count(*) {_FOUND}"


async def case_of(tx: Transaction, actor: Actor, case_id: UUID) -> CaseView:
    """One case with suggested points. Raises CaseNotFound, AnotherReviewUnits."""
    case = await store.load(tx, case_id)
    require_readable(actor, case.review_unit_id)
    policy = await policy_of(tx, case.review_unit_id)
    suggestions = case.suggestions(await all_rule_sets(tx), policy.formula)
    return CaseView(
        case_id=case.case_id,
        submission=case.submission,
        review_unit_id=case.review_unit_id,
        status=case.status,
        superseded=await store.is_superseded(tx, case),
        comment=case.comment,
        received_at=case.received_at,
        decided_at=case.decided_at,
        version=case.version,
        activity=case.activity,
        suggestions=[CourseSuggestions(course_id=key, awards=found) for key, found in suggestions.items()],
    )


async def cases_for(
    tx: Transaction, actor: Actor, status: CaseStatus | None, activity_id: UUID | None, paging: Paging
) -> Page[CaseLine]:
    """The caller's cases: open ones in the order they came in, all others newest first. Raises AnotherReviewUnits."""
    parameters = {
        "review_unit_id": unit_to_list(actor),
        "status": None if status is None else status.value,
        "activity_id": activity_id,
    }
    order = "ORDER BY id" if status is CaseStatus.OPEN else "ORDER BY id DESC"
    rows = await tx.all(
        f"{_LIST} {order} LIMIT :limit OFFSET :offset", **parameters, limit=paging.limit, offset=paging.offset
    )
    lines = [msgspec.convert(dict(row._mapping), CaseLine) for row in rows]
    return paging.of(lines, await tx.scalar(_COUNT, **parameters))
