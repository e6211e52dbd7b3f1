"""An approved course as far as a roster needs to know it, and when its roster may change."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from cec_chassis.context import Actor
from cec_chassis.problems import Refusal
from cec_contracts.vocabulary import AccountRole, ParticipantRole


class CourseAward(msgspec.Struct, frozen=True):
    """That a profession gets points in a role. How many is credits' business; the roster only asks whether."""

    profession: str
    role: ParticipantRole


class ApprovedCourse(msgspec.Struct, frozen=True, kw_only=True):
    """A course 課程 of our copy. `minutes` is its creditable length, 0 where the method has none."""

    course_id: UUID
    course_code: str
    activity_id: UUID
    offering_unit_id: UUID
    review_unit_id: UUID
    minutes: int
    roster_deadline: date
    """登錄期限: the last Asia/Taipei day on which the roster may be changed."""
    approved: bool
    awards: frozenset[CourseAward]
    lecturers: dict[UUID, int] = {}
    """Practitioners on the lecturer list 講師名單 of the course, with the minutes of their own part."""

    def professions_credited_for(self, role: ParticipantRole) -> frozenset[str]:
        """The professions that get points in this role; empty when nobody does."""
        return frozenset(award.profession for award in self.awards if award.role == role)

    def is_open_on(self, today: date) -> bool:
        return self.approved and today <= self.roster_deadline


class RosterNotFound(Refusal):
    """Only an approved course has a roster."""

    slug = "roster-not-found"
    status = 404
    title = "查無此課程名冊 / There is no roster for this course"


class NotYourRoster(Refusal):
    """The course belongs to another offering unit."""

    slug = "not-your-roster"
    status = 403
    title = "非貴單位之名冊 / This roster belongs to another unit"


class RosterClosed(Refusal):
    """The last day for changes is over."""

    slug = "roster-closed"
    status = 409
    title = "名冊登錄期限已過 / The roster is closed"


class CourseApprovalWithdrawn(Refusal):
    """The course counts no longer, so nothing about it is recorded."""

    slug = "course-approval-withdrawn"
    status = 409
    title = "課程核定已撤銷 / The approval of the course was withdrawn"


def ensure_keeper(course: ApprovedCourse, actor: Actor) -> None:
    """That this caller may change the roster: the offering unit's own people, and the system administrator.

    Raises NotYourRoster.
    """
    if actor.role != AccountRole.SYSTEM_ADMINISTRATOR and actor.organisation_id != course.offering_unit_id:
        raise NotYourRoster


def ensure_open(course: ApprovedCourse, today: date, *, after_deadline: bool = False) -> None:
    """That the roster may be changed `today`, an Asia/Taipei date; `after_deadline` lifts the deadline only.

    Raises:
        CourseApprovalWithdrawn, RosterClosed
    """
    if not course.approved:
        raise CourseApprovalWithdrawn
    if today > course.roster_deadline and not after_deadline:
        raise RosterClosed(
            f"登錄期限為 {course.roster_deadline:%Y/%m/%d} / The roster could be changed until {course.roster_deadline}"
        )


def ensure_correctable(course: ApprovedCourse, actor: Actor, today: date) -> None:
    """That this caller may correct or withdraw lines `today`: after the deadline only the system administrator may.

    Raises:
        NotYourRoster, CourseApprovalWithdrawn, RosterClosed
    """
    ensure_keeper(course, actor)
    ensure_open(course, today, after_deadline=actor.role == AccountRole.SYSTEM_ADMINISTRATOR)
