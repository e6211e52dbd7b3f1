"""An activity and its states: draft 未送審 → submitted 送審中 → passed 通過, failed 不通過 or returned 退件.

A returned activity can be edited and submitted again 再送審. While it is submitted it is frozen, and its unit may
withdraw it 撤回. No I/O here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from cec_activities.activities.proposal import Proposal, ProposedCourse, ProposedLecturer
from cec_activities.activities.refusals import ActivityChangedMeanwhile, ActivityFrozen, ActivityNotSubmitted
from cec_contracts.vocabulary import Attribute, Method, Purpose, licence_only


class Status(StrEnum):
    """Where an activity stands 狀態."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    PASSED = "passed"
    FAILED = "failed"


EDITABLE = frozenset({Status.DRAFT, Status.RETURNED})


class Lecturer(msgspec.Struct, frozen=True, kw_only=True):
    """A lecturer 講師; without `practitioner_id` no credit follows."""

    lecturer_id: UUID
    name: str
    practitioner_number: str | None
    practitioner_id: UUID | None
    starts_at: datetime
    ends_at: datetime


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A course 課程 with its code C…; `minutes` is the creditable length."""

    course_id: UUID
    code: str
    title: str
    attribute: Attribute
    infection_control: bool
    gender: bool
    starts_at: datetime
    ends_at: datetime
    minutes: int
    place: str
    lecturers: list[Lecturer] = []


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A group activity 團體類活動, the aggregate. `version` grows by one with every change.

    `submission` is 0 before the first submission; `comment` is what the review unit said when it last decided.
    """

    activity_id: UUID
    code: str
    offering_unit_id: UUID
    title: str
    review_unit_id: UUID
    method: Method
    professions: list[str]
    starts_on: date
    ends_on: date
    county: str
    place: str
    status: Status
    submission: int
    submitted_at: datetime | None
    comment: str
    version: int
    courses: list[Course] = []
    purposes: list[Purpose] = msgspec.field(default_factory=licence_only)

    def require_editable(self) -> None:
        """Raises ActivityFrozen."""
        if self.status not in EDITABLE:
            raise ActivityFrozen

    def require_version(self, seen: int) -> None:
        """Raises ActivityChangedMeanwhile when the caller looked at another version than the present one."""
        if seen != self.version:
            raise ActivityChangedMeanwhile(
                f"您讀取的是第 {seen} 版，現為第 {self.version} 版 / You read version {seen}, it is {self.version} now"
            )

    def submitted(self, at: datetime) -> Activity:
        """Handed to its review unit and frozen. Raises ActivityFrozen."""
        self.require_editable()
        return msgspec.structs.replace(
            self,
            status=Status.SUBMITTED,
            submission=self.submission + 1,
            submitted_at=at,
            comment="",
            version=self.version + 1,
        )

    def withdrawn(self) -> Activity:
        """Taken back by its unit, for good. Raises ActivityNotSubmitted."""
        if self.status is not Status.SUBMITTED:
            raise ActivityNotSubmitted
        return msgspec.structs.replace(self, status=Status.WITHDRAWN, version=self.version + 1)

    def decided(self, submission: int, status: Status, comment: str) -> Activity | None:
        """As the review unit decided it; None when the decision is no longer news.

        A decision on an earlier submission, a repeated one, or one that crossed with the unit's withdrawal changes
        nothing: the withdrawal stands, and review takes back what it had approved.
        """
        if self.status is not Status.SUBMITTED or self.submission != submission:
            return None
        return msgspec.structs.replace(self, status=status, comment=comment, version=self.version + 1)

    def lecturers(self) -> Mapping[UUID, Lecturer]:
        """All lecturers of all courses, by id."""
        return {lecturer.lecturer_id: lecturer for course in self.courses for lecturer in course.lecturers}


def whole_minutes(duration: timedelta) -> int:
    """Full minutes of a duration; a started minute does not count."""
    return int(duration.total_seconds() // 60)


def settled_courses(
    proposal: Proposal,
    *,
    present: Mapping[UUID, Course],
    practitioners: Mapping[str, UUID],
    codes: Iterator[str],
    new_id: Callable[[], UUID],
) -> list[Course]:
    """The proposed courses with ids, codes and defaults filled in. The proposal has passed its checks.

    `present` are the courses the activity has now: those named again keep id and code. `practitioners` maps numbers
    to ids; `codes` yields a fresh code for each new course.
    """

    def lecturer_of(lecturer: ProposedLecturer, course: ProposedCourse) -> Lecturer:
        number = lecturer.practitioner_number
        return Lecturer(
            lecturer_id=lecturer.lecturer_id or new_id(),
            name=lecturer.name,
            practitioner_number=number,
            practitioner_id=None if number is None else practitioners[number],
            starts_at=(lecturer.starts_at or course.starts_at).astimezone(UTC),
            ends_at=(lecturer.ends_at or course.ends_at).astimezone(UTC),
        )

    def course_of(course: ProposedCourse) -> Course:
        return Course(
            course_id=course.course_id or new_id(),
            code=present[course.course_id].code if course.course_id else next(codes),
            title=course.title,
            attribute=course.attribute,
            infection_control=course.infection_control,
            gender=course.gender,
            starts_at=course.starts_at.astimezone(UTC),
            ends_at=course.ends_at.astimezone(UTC),
            minutes=course.minutes or whole_minutes(course.ends_at - course.starts_at),
            place=course.place,
            lecturers=[lecturer_of(lecturer, course) for lecturer in course.lecturers],
        )

    return [course_of(course) for course in proposal.courses]
