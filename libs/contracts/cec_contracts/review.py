"""What review says: decisions on cases, and the approval of each course with its points."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from cec_contracts.envelope import EventType, Instant
from cec_contracts.vocabulary import Attribute, Method, Minutes, ParticipantRole, ProfessionCode, Purpose, licence_only


class Case(msgspec.Struct, kw_only=True):
    """The review of one submission of an activity 案件."""

    case_id: UUID
    activity_id: UUID
    submission: int
    review_unit_id: UUID
    status: Literal["open", "passed", "failed", "returned"]
    comment: str = ""
    decided_at: Instant | None = None


class Award(msgspec.Struct, kw_only=True):
    """Approved points 核給積分 for the whole course, by profession and role, before any area multiplier.

    Frozen at approval: a later rule set does not change them.
    """

    profession: ProfessionCode
    role: ParticipantRole
    points: Decimal


class OpenChange(msgspec.Struct, kw_only=True):
    """Why a review unit looks at an approval anew, and since when 異動中. What was approved stands until it decides."""

    reason: str
    opened_at: Instant


class CourseLecturer(msgspec.Struct, kw_only=True):
    """A lecturer 講師 of a course who is a practitioner, with the minutes of their own part of it."""

    practitioner_id: UUID
    minutes: Minutes


class CourseApproval(msgspec.Struct, kw_only=True):
    """A snapshot of one approved course: all that enrolment, credits and reporting need to know of it."""

    course_id: UUID
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
    starts_at: Instant
    ends_at: Instant
    minutes: Minutes
    county: str = ""
    awards: list[Award]
    roster_deadline: date
    """登錄期限: the last Asia/Taipei day on which the roster may be changed."""
    status: Literal["approved", "withdrawn"]
    reason: str = ""
    decided_at: Instant
    article: str = ""
    """By which article the latest decision took effect away, where it was the law and not the unit: `18(2)`, `14(2)`."""
    under_change: OpenChange | None = None
    """Set while the review unit examines whether to change or withdraw the approval; null once it has decided."""
    lecturers: list[CourseLecturer] = []
    """Those of the submitted list who are practitioners, each once. Empty in approvals from before they were told."""
    purposes: list[Purpose] = msgspec.field(default_factory=licence_only)
    """積分用途 as submitted. Without `practice_licence` the points are no part of a statement for its renewal."""


CASE_DECIDED = EventType(
    "cec.review.case_decided.v1", Case, "案件已審定", "A case was decided: passed, failed or returned"
)
COURSE_APPROVAL_GRANTED = EventType(
    "cec.review.course_approval_granted.v1", CourseApproval, "課程已核定", "A course was approved with points"
)
COURSE_APPROVAL_CHANGED = EventType(
    "cec.review.course_approval_changed.v1",
    CourseApproval,
    "課程核定已變更",
    "The points of an approved course changed",
)
COURSE_APPROVAL_CHANGE_OPENED = EventType(
    "cec.review.course_approval_change_opened.v1",
    CourseApproval,
    "課程核定異動中",
    "The review unit examines whether to change or withdraw an approval; until it decides, the points stand",
)
COURSE_APPROVAL_CHANGE_DROPPED = EventType(
    "cec.review.course_approval_change_dropped.v1",
    CourseApproval,
    "課程核定不予異動",
    "The review unit has examined an approval and leaves it as it is",
)
COURSE_APPROVAL_WITHDRAWN = EventType(
    "cec.review.course_approval_withdrawn.v1",
    CourseApproval,
    "課程核定已撤銷",
    "The approval of a course was withdrawn; what it gave counts no longer",
)
