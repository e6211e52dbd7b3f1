"""What activities says: applications for group activities with their courses and lecturers."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from cec_contracts.envelope import EventType, Instant
from cec_contracts.vocabulary import Attribute, Method, Minutes, ProfessionCode, Purpose, licence_only


class Lecturer(msgspec.Struct, kw_only=True):
    """A lecturer 講師 with their own times inside the course; without a practitioner no credit follows."""

    lecturer_id: UUID
    name: str
    practitioner_id: UUID | None = None
    starts_at: Instant
    ends_at: Instant


class Course(msgspec.Struct, kw_only=True):
    """One course 課程 of an activity. `minutes` is the creditable length without breaks."""

    course_id: UUID
    code: str
    title: str
    attribute: Attribute
    infection_control: bool
    gender: bool
    starts_at: Instant
    ends_at: Instant
    minutes: Minutes
    place: str = ""
    lecturers: list[Lecturer] = []


class Activity(msgspec.Struct, kw_only=True):
    """A group activity 活動 as it was submitted: frozen until it is decided."""

    activity_id: UUID
    code: str
    title: str
    offering_unit_id: UUID
    offering_unit_name: str
    review_unit_id: UUID
    method: Method
    professions: list[ProfessionCode]
    starts_on: date
    ends_on: date
    county: str
    place: str = ""
    status: Literal["submitted", "withdrawn", "returned", "passed", "failed"]
    submission: int
    """1 for the first submission, one more for each 再送審 after a return."""
    submitted_at: Instant
    courses: list[Course]
    purposes: list[Purpose] = msgspec.field(default_factory=licence_only)
    """積分用途: what the credits are for, at least one."""


ACTIVITY_SUBMITTED = EventType(
    "cec.activities.activity_submitted.v1", Activity, "活動已送審", "An activity was submitted for review"
)
ACTIVITY_WITHDRAWN = EventType(
    "cec.activities.activity_withdrawn.v1", Activity, "活動申請已撤回", "An activity was withdrawn by its unit"
)
