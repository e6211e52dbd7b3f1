"""A case and its states: open 送審中 → passed 通過, failed 不通過, returned 退件, or withdrawn 撤回 by its unit. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from cec_chassis.clock import taipei_date
from cec_contracts.activities import Activity
from cec_review.cases.refusals import ActivityWithdrawn, CaseAlreadyDecided
from cec_review.points.formula import Formula
from cec_review.rulesets.domain import RuleSet, Suggestion, suggestions


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


RESULTS = {"pass": CaseStatus.PASSED, "fail": CaseStatus.FAILED, "return": CaseStatus.RETURNED}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One submission under review; `activity` is the snapshot that was submitted and never changes."""

    case_id: UUID
    activity_id: UUID
    submission: int
    review_unit_id: UUID
    status: CaseStatus
    comment: str
    received_at: datetime
    decided_at: datetime | None
    version: int
    activity: Activity

    def require_open(self) -> None:
        """Raises CaseAlreadyDecided, ActivityWithdrawn."""
        if self.status is CaseStatus.WITHDRAWN:
            raise ActivityWithdrawn
        if self.status is not CaseStatus.OPEN:
            raise CaseAlreadyDecided

    def decided(self, status: CaseStatus, comment: str, at: datetime) -> Case:
        """With its decision. Raises CaseAlreadyDecided, ActivityWithdrawn."""
        self.require_open()
        return msgspec.structs.replace(self, status=status, comment=comment, decided_at=at, version=self.version + 1)

    def suggestions(self, rule_sets: list[RuleSet], own: Formula) -> dict[UUID, list[Suggestion]]:
        """Suggested points of every course, by the rule set in force when the course ends and what the unit has settled."""
        return {
            course.course_id: suggestions(
                rule_sets,
                self.activity.method,
                course.minutes,
                self.activity.professions,
                taipei_date(course.ends_at),
                own,
            )
            for course in self.activity.courses
        }
