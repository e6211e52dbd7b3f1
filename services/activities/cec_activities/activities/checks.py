"""The rules of the form, pure: each returns what is wrong and where, in the words of the request's own paths."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from datetime import date
from uuid import UUID

from cec_activities.activities.domain import Activity, Course, Lecturer, whole_minutes
from cec_activities.activities.professions import PROFESSIONS
from cec_activities.activities.proposal import Proposal, ProposedCourse, ProposedLecturer
from cec_activities.organisations.domain import Organisation
from cec_chassis.clock import taipei_date
from cec_chassis.problems import FieldError
from cec_contracts.counties import NO_SUCH_COUNTY, UNKNOWN_COUNTY, county_of

YEARS = range(1990, 2200)
"""Years an activity may lie in. Keeps slips such as 0026 out, and days no calendar can reckon with."""


def proposal_errors(
    proposal: Proposal,
    *,
    practitioners: Collection[str],
    covered: Collection[str] = (),
    courses: Mapping[UUID, Course],
    lecturers: Mapping[UUID, Lecturer],
) -> list[FieldError]:
    """Everything wrong with a proposal at once.

    `practitioners` are the numbers that belong to somebody, `covered` the professions of published rule sets; `courses`
    and `lecturers` are those the activity already has, so that a proposal cannot name another activity's.
    """
    return [
        *_activity_errors(proposal, PROFESSIONS.keys() | set(covered)),
        *_identity_errors(proposal, courses.keys(), lecturers.keys()),
        *(error for index, course in enumerate(proposal.courses) for error in _course_errors(proposal, course, index)),
        *_practitioner_errors(proposal, practitioners),
    ]


def submission_errors(activity: Activity, review_unit: Organisation | None) -> list[FieldError]:
    """What still stands between an activity and its review unit.

    `review_unit` is what we know of the addressed unit; None when nothing is known. A review unit that has said
    nothing of its professions is taken to review all.
    """
    errors: list[FieldError] = []
    if not activity.courses:
        errors.append(FieldError("activity.courses", "required", "至少須有一門課程 / At least one course is needed"))
    if review_unit is None or not (review_unit.reviews_courses and review_unit.active):
        errors.append(
            FieldError(
                "activity.review_unit_id", "unknown-review-unit", "查無此審查單位 / There is no such review unit"
            )
        )
    elif review_unit.reviews_professions:
        errors.extend(
            FieldError(
                f"activity.professions[{index}]",
                "profession-not-reviewed",
                f"{review_unit.name}不審查{PROFESSIONS.get(code, code)} / This unit does not review profession {code}",
            )
            for index, code in enumerate(activity.professions)
            if code not in review_unit.reviews_professions
        )
    return errors


def _activity_errors(proposal: Proposal, professions: Set[str]) -> Iterator[FieldError]:
    yield from _year_errors("body", starts_on=proposal.starts_on, ends_on=proposal.ends_on)
    if proposal.ends_on < proposal.starts_on:
        yield FieldError("body.ends_on", "ends-before-start", "結束日早於開始日 / The end lies before the start")
    if county_of(proposal.county) is None:
        yield FieldError("body.county", UNKNOWN_COUNTY, NO_SUCH_COUNTY)
    seen: set[str] = set()
    for index, code in enumerate(proposal.professions):
        path = f"body.professions[{index}]"
        if code not in professions:
            known = sorted(professions)
            yield FieldError(
                path,
                "unknown-profession",
                f"無此人員類別,可用:{'、'.join(known)} / There is no profession {code}; there are: {', '.join(known)}",
            )
        elif code in seen:
            yield FieldError(path, "duplicate", f"類別重複 / Profession {code} is named twice")
        seen.add(code)
    for index, purpose in enumerate(proposal.purposes):
        if purpose in proposal.purposes[:index]:
            yield FieldError(f"body.purposes[{index}]", "duplicate", f"用途重複 / Purpose {purpose} is named twice")


def _identity_errors(proposal: Proposal, courses: Set[UUID], lecturers: Set[UUID]) -> Iterator[FieldError]:
    seen: set[UUID] = set()
    for path, given, present in _given_ids(proposal, courses, lecturers):
        if given not in present:
            yield FieldError(path, "not-of-this-activity", "不屬於本活動 / This activity has no such part")
        elif given in seen:
            yield FieldError(path, "duplicate", "重複 / Named twice")
        seen.add(given)


def _given_ids(proposal: Proposal, courses: Set[UUID], lecturers: Set[UUID]) -> Iterator[tuple[str, UUID, Set[UUID]]]:
    for index, course in enumerate(proposal.courses):
        if course.course_id is not None:
            yield f"body.courses[{index}].course_id", course.course_id, courses
        for inner, lecturer in enumerate(course.lecturers):
            if lecturer.lecturer_id is not None:
                yield f"body.courses[{index}].lecturers[{inner}].lecturer_id", lecturer.lecturer_id, lecturers


def _course_errors(proposal: Proposal, course: ProposedCourse, index: int) -> Iterator[FieldError]:
    path = f"body.courses[{index}]"
    if slips := list(_year_errors(path, starts_at=course.starts_at, ends_at=course.ends_at)):
        yield from slips
        return
    if course.ends_at <= course.starts_at:
        yield FieldError(
            f"{path}.ends_at", "ends-before-start", "結束時間須晚於開始時間 / The end must follow the start"
        )
        return
    if taipei_date(course.starts_at) < proposal.starts_on:
        yield FieldError(
            f"{path}.starts_at", "outside-activity", "早於活動舉辦日期 / The course starts before the activity's days"
        )
    if taipei_date(course.ends_at) > proposal.ends_on:
        yield FieldError(
            f"{path}.ends_at", "outside-activity", "晚於活動舉辦日期 / The course ends after the activity's days"
        )
    duration = whole_minutes(course.ends_at - course.starts_at)
    if duration == 0:
        yield FieldError(f"{path}.ends_at", "too-short", "課程不足一分鐘 / The course lasts less than a minute")
    elif course.minutes is not None and course.minutes > duration:
        yield FieldError(
            f"{path}.minutes",
            "longer-than-course",
            f"時數超過課程長度 {duration} 分鐘 / More minutes than the course's {duration}",
        )
    for inner, lecturer in enumerate(course.lecturers):
        yield from _lecturer_errors(course, lecturer, f"{path}.lecturers[{inner}]")


def _lecturer_errors(course: ProposedCourse, lecturer: ProposedLecturer, path: str) -> Iterator[FieldError]:
    starts_at = lecturer.starts_at or course.starts_at
    ends_at = lecturer.ends_at or course.ends_at
    if ends_at <= starts_at:
        yield FieldError(
            f"{path}.ends_at", "ends-before-start", "結束時間須晚於開始時間 / The end must follow the start"
        )
        return
    if starts_at < course.starts_at:
        yield FieldError(f"{path}.starts_at", "outside-course", "早於課程 / The lecture starts before the course")
    if ends_at > course.ends_at:
        yield FieldError(f"{path}.ends_at", "outside-course", "晚於課程 / The lecture ends after the course")


def _year_errors(path: str, **days: date) -> Iterator[FieldError]:
    for name, day in days.items():
        if day.year not in YEARS:
            yield FieldError(f"{path}.{name}", "out-of-range", "年份超出範圍 / The year is out of range")


def _practitioner_errors(proposal: Proposal, practitioners: Collection[str]) -> Iterator[FieldError]:
    for index, course in enumerate(proposal.courses):
        for inner, lecturer in enumerate(course.lecturers):
            number = lecturer.practitioner_number
            if number is not None and number not in practitioners:
                yield FieldError(
                    f"body.courses[{index}].lecturers[{inner}].practitioner_number",
                    "unknown-practitioner",
                    "查無此人員代碼；非醫事人員請留空 / No practitioner has this number; leave it out for others",
                )
