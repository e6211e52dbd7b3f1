"""A decision 審定 as a review unit sends it in, and what can be wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from cec_chassis.problems import FieldError
from cec_contracts.activities import Activity
from cec_review.points.domain import Award, RequestedAward, award_errors, award_of, awards_of
from cec_review.rulesets.domain import Suggestion, excesses


class CourseDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points of one course. Without `awards` the suggested ones apply."""

    course_id: UUID
    awards: Annotated[list[RequestedAward], Meta(max_length=300)] | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """通過 pass, 不通過 fail or 退件 return. Courses left out of a pass get the suggested points."""

    decision: Literal["pass", "fail", "return"]
    comment: Annotated[str, Meta(max_length=2000)] = ""
    courses: Annotated[list[CourseDecision], Meta(max_length=200)] = []


def decision_errors(decision: Decision, activity: Activity, suggested: Mapping[UUID, list[Award]]) -> list[FieldError]:
    """Everything wrong with a decision at once. `suggested` has the suggested awards of every course."""
    if decision.decision == "pass":
        return [*_course_errors(decision, activity), *_gaps(decision, activity, suggested)]
    errors: list[FieldError] = []
    if not decision.comment.strip():
        errors.append(FieldError("body.comment", "required", "請說明理由 / Say why, so that the unit can act on it"))
    if decision.courses:
        errors.append(
            FieldError("body.courses", "only-on-pass", "通過時方可核給積分 / Points are given on a pass only")
        )
    return errors


def decided_awards(decision: Decision, suggested: Mapping[UUID, list[Award]]) -> dict[UUID, list[Award]]:
    """The awards of every course: those sent in, else the suggested ones. The decision has passed its checks."""
    given = {course.course_id: awards_of(course.awards) for course in decision.courses if course.awards is not None}
    return {**suggested, **given}


def decision_warnings(decision: Decision, suggested: Mapping[UUID, list[Suggestion]]) -> list[FieldError]:
    """Points that are sent in and lie above what the formula makes of the minutes. The decision stands all the same."""
    return [
        warning
        for index, course in enumerate(decision.courses)
        for warning in excesses(
            [award_of(each) for each in course.awards or ()],
            suggested.get(course.course_id, ()),
            f"body.courses[{index}].awards",
        )
    ]


def _course_errors(decision: Decision, activity: Activity) -> Iterator[FieldError]:
    known = {course.course_id for course in activity.courses}
    seen: set[UUID] = set()
    for index, course in enumerate(decision.courses):
        path = f"body.courses[{index}]"
        if course.course_id not in known:
            yield FieldError(f"{path}.course_id", "unknown-course", "活動無此課程 / The activity has no such course")
        elif course.course_id in seen:
            yield FieldError(f"{path}.course_id", "duplicate", "課程重複 / The course is named twice")
        seen.add(course.course_id)
        if course.awards is not None:
            yield from award_errors(course.awards, activity.professions, f"{path}.awards")


def _gaps(decision: Decision, activity: Activity, suggested: Mapping[UUID, list[Award]]) -> Iterator[FieldError]:
    places = {course.course_id: f"body.courses[{index}].awards" for index, course in enumerate(decision.courses)}
    given = {course.course_id for course in decision.courses if course.awards is not None}
    for course in activity.courses:
        if course.course_id not in given and not suggested[course.course_id]:
            yield FieldError(
                places.get(course.course_id, "body.courses"),
                "awards-required",
                f"{course.code} 無建議積分，請核給 / No points are suggested for {course.code}; name them",
            )
