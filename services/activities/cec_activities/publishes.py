"""What this service tells the others, and how its own activity looks in their words."""

from __future__ import annotations

from typing import Final, Literal

from cec_activities.activities.domain import Activity, Status
from cec_contracts import activities
from cec_contracts.activities import ACTIVITY_SUBMITTED, ACTIVITY_WITHDRAWN
from cec_contracts.audit import ACTIVITIES_AUDIT_HEAD

PUBLISHES = (ACTIVITY_SUBMITTED, ACTIVITY_WITHDRAWN, ACTIVITIES_AUDIT_HEAD)

_Told = Literal["submitted", "withdrawn", "returned", "passed", "failed"]
_STATUS: Final[dict[Status, _Told]] = {
    Status.SUBMITTED: "submitted",
    Status.WITHDRAWN: "withdrawn",
    Status.RETURNED: "returned",
    Status.PASSED: "passed",
    Status.FAILED: "failed",
}


def activity_event(activity: Activity, *, unit_name: str) -> activities.Activity:
    """The activity as it is now. Raises ValueError for a draft: it was never submitted, so there is no news of it."""
    if activity.submitted_at is None or activity.status is Status.DRAFT:
        raise ValueError(f"activity {activity.activity_id} was never submitted")
    return activities.Activity(
        activity_id=activity.activity_id,
        code=activity.code,
        title=activity.title,
        offering_unit_id=activity.offering_unit_id,
        offering_unit_name=unit_name,
        review_unit_id=activity.review_unit_id,
        method=activity.method,
        professions=activity.professions,
        starts_on=activity.starts_on,
        ends_on=activity.ends_on,
        county=activity.county,
        place=activity.place,
        status=_STATUS[activity.status],
        submission=activity.submission,
        submitted_at=activity.submitted_at,
        courses=[
            activities.Course(
                course_id=course.course_id,
                code=course.code,
                title=course.title,
                attribute=course.attribute,
                infection_control=course.infection_control,
                gender=course.gender,
                starts_at=course.starts_at,
                ends_at=course.ends_at,
                minutes=course.minutes,
                place=course.place,
                lecturers=[
                    activities.Lecturer(
                        lecturer_id=lecturer.lecturer_id,
                        name=lecturer.name,
                        practitioner_id=lecturer.practitioner_id,
                        starts_at=lecturer.starts_at,
                        ends_at=lecturer.ends_at,
                    )
                    for lecturer in course.lecturers
                ],
            )
            for course in activity.courses
        ],
        purposes=activity.purposes,
    )
