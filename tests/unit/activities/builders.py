"""Activities and proposals as a test needs them; every builder takes the fields that shall differ."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec

from cec_activities.activities.domain import Activity, Course, Status, settled_courses
from cec_activities.activities.proposal import Proposal, ProposedCourse, ProposedLecturer
from cec_contracts.vocabulary import Attribute, Method

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)

DRAFT = Activity(
    activity_id=UUID(int=1),
    code="S202603020001",
    offering_unit_id=UUID(int=2),
    title="年度學術研討會",
    review_unit_id=UUID(int=3),
    method=Method.M01,
    professions=["2"],
    starts_on=date(2026, 4, 1),
    ends_on=date(2026, 4, 3),
    county="臺北市",
    place="",
    status=Status.DRAFT,
    submission=0,
    submitted_at=None,
    comment="",
    version=1,
)
SUBMITTED = DRAFT.submitted(NOW)

TAIPEI = timezone(timedelta(hours=8))
NINE = datetime(2026, 4, 1, 9, tzinfo=TAIPEI)
NOON = datetime(2026, 4, 1, 12, tzinfo=TAIPEI)


def a_course(**changes: Any) -> ProposedCourse:
    course = ProposedCourse(title="新知", attribute=Attribute.PROFESSIONAL, starts_at=NINE, ends_at=NOON)
    return msgspec.structs.replace(course, **changes)


def a_lecturer(**changes: Any) -> ProposedLecturer:
    return msgspec.structs.replace(ProposedLecturer(name="王教授"), **changes)


def a_proposal(*courses: ProposedCourse, **changes: Any) -> Proposal:
    proposal = Proposal(
        title="研討會",
        review_unit_id=UUID(int=3),
        method=Method.M01,
        professions=["B"],
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 4, 2),
        county="臺北市",
        courses=list(courses),
    )
    return msgspec.structs.replace(proposal, **changes)


def settle(proposal: Proposal, ids: list[UUID] | None = None) -> list[Course]:
    fresh = iter(ids or [UUID(int=number) for number in range(100, 110)])
    codes = iter(f"C{number}" for number in range(100))
    return settled_courses(proposal, present={}, practitioners={}, codes=codes, new_id=lambda: next(fresh))
