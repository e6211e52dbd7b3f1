"""The approval of one course 課程核定: approved with points, changed, withdrawn. Nothing is ever taken out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from cec_contracts.activities import Activity, Course
from cec_contracts.vocabulary import Attribute, Method, Purpose, licence_only
from cec_review.approvals.lecturers import Lecturer, lecturers_of
from cec_review.approvals.refusals import (
    ApprovalChangedMeanwhile,
    ApprovalWithdrawn,
    ChangeAlreadyOpen,
    NoChangeOpen,
)
from cec_review.points.domain import Award


class ApprovalStatus(StrEnum):
    """Whether what was approved still counts."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class OpenChange(msgspec.Struct, frozen=True, kw_only=True):
    """The unit examines whether to change or withdraw the approval 異動中: why, and since when."""

    reason: str
    opened_at: datetime


class ApprovalView(msgspec.Struct, frozen=True, kw_only=True):
    """An approved course as it is shown: all of it but its lecturers, who are shown with the case, where that leaves a look.

    It is as it was submitted, with its points. `version` grows by one with every decision on it.

    `professions` are those the activity applied for; only they can be given points. `decided_at` is the latest
    decision, `reason` why it was taken (empty at the grant). To examine an approval is no decision: `under_change` says that
    one is due, and every decision ends it.
    """

    course_id: UUID
    case_id: UUID
    course_code: str
    course_title: str
    activity_id: UUID
    activity_code: str
    activity_title: str
    offering_unit_id: UUID
    offering_unit_name: str
    review_unit_id: UUID
    method: Method
    attribute: Attribute
    infection_control: bool
    gender: bool
    professions: list[str]
    starts_at: datetime
    ends_at: datetime
    minutes: int
    county: str
    awards: list[Award]
    roster_deadline: date
    status: ApprovalStatus
    reason: str
    decided_at: datetime
    version: int
    article: str = ""
    """By which article it lost its effect, or part of it; empty where the unit decided."""
    under_change: OpenChange | None = None
    purposes: list[Purpose] = msgspec.field(default_factory=licence_only)
    """積分用途, as submitted."""


class CourseApproval(ApprovalView, frozen=True, kw_only=True):
    """The approval of one course, whole."""

    lecturers: list[Lecturer] = []
    """As submitted, those who are practitioners; what they get follows from the points in their role."""

    def shown(self) -> ApprovalView:
        """As it is answered to people."""
        return msgspec.convert(self, ApprovalView, from_attributes=True)

    @classmethod
    def granted(
        cls,
        case_id: UUID,
        activity: Activity,
        course: Course,
        awards: Sequence[Award],
        roster_deadline: date,
        at: datetime,
    ) -> CourseApproval:
        """The first version: a course of a passed activity, with its points."""
        return cls(
            course_id=course.course_id,
            case_id=case_id,
            course_code=course.code,
            course_title=course.title,
            activity_id=activity.activity_id,
            activity_code=activity.code,
            activity_title=activity.title,
            offering_unit_id=activity.offering_unit_id,
            offering_unit_name=activity.offering_unit_name,
            review_unit_id=activity.review_unit_id,
            method=activity.method,
            attribute=course.attribute,
            infection_control=course.infection_control,
            gender=course.gender,
            professions=sorted(activity.professions),
            starts_at=course.starts_at,
            ends_at=course.ends_at,
            minutes=course.minutes,
            county=activity.county,
            awards=sorted(awards),
            roster_deadline=roster_deadline,
            status=ApprovalStatus.APPROVED,
            reason="",
            decided_at=at,
            version=1,
            lecturers=lecturers_of(course),
            purposes=activity.purposes,
        )

    def require_version(self, seen: int | None) -> None:
        """Raises ApprovalChangedMeanwhile when the caller says which version it saw and that is not the present one."""
        if seen is not None and seen != self.version:
            raise ApprovalChangedMeanwhile

    def require_approved(self) -> None:
        """Raises ApprovalWithdrawn."""
        if self.status is ApprovalStatus.WITHDRAWN:
            raise ApprovalWithdrawn

    def change_opened(self, reason: str, at: datetime) -> CourseApproval:
        """To be examined anew; the points stand meanwhile. Raises ApprovalWithdrawn, ChangeAlreadyOpen."""
        self.require_approved()
        if self.under_change is not None:
            raise ChangeAlreadyOpen
        return msgspec.structs.replace(
            self, under_change=OpenChange(reason=reason, opened_at=at), version=self.version + 1
        )

    def change_dropped(self) -> CourseApproval:
        """Examined, and left as it is. Raises ApprovalWithdrawn, NoChangeOpen."""
        self.require_approved()
        if self.under_change is None:
            raise NoChangeOpen
        return msgspec.structs.replace(self, under_change=None, version=self.version + 1)

    def changed(self, awards: Sequence[Award], reason: str, at: datetime) -> CourseApproval:
        """With other points. Raises ApprovalWithdrawn."""
        self.require_approved()
        return msgspec.structs.replace(
            self,
            awards=sorted(awards),
            reason=reason,
            decided_at=at,
            version=self.version + 1,
            article="",
            under_change=None,
        )

    def withdrawn(self, reason: str, at: datetime) -> CourseApproval:
        """Withdrawn for good; the points stay written, and count no longer. Raises ApprovalWithdrawn."""
        self.require_approved()
        return msgspec.structs.replace(
            self,
            status=ApprovalStatus.WITHDRAWN,
            reason=reason,
            decided_at=at,
            version=self.version + 1,
            article="",
            under_change=None,
        )

    def void(self, professions: frozenset[str], article: str, reason: str, at: datetime) -> CourseApproval:
        """Without effect for these professions by law; withdrawn when nobody else was given points.

        Raises ApprovalWithdrawn.
        """
        left = [award for award in self.awards if award.profession not in professions]
        after = self.changed(left, reason, at) if left else self.withdrawn(reason, at)
        return msgspec.structs.replace(after, article=article)
