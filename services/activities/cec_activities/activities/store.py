"""Loading and saving an activity as one thing, and issuing codes. The caller holds the row lock while it decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from cec_activities.activities.domain import Activity, Course, Lecturer, Status
from cec_activities.activities.refusals import ActivityNotFound
from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_contracts.vocabulary import Attribute, Method, Purpose

ACTIVITY_CODE = "S"
COURSE_CODE = "C"

_SELECT = """
SELECT id, code, offering_unit_id, review_unit_id, title, method, professions, starts_on, ends_on, county, place,
       status, submission, submitted_at, comment, version, purposes
FROM activities WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id
"""

_SELECT_COURSES = """
SELECT id, activity_id, code, title, attribute, infection_control, gender, starts_at, ends_at, minutes, place
FROM courses WHERE activity_id = ANY(CAST(:ids AS uuid[])) ORDER BY activity_id, position
"""

_SELECT_LECTURERS = """
SELECT l.id, l.course_id, l.name, l.practitioner_number, l.practitioner_id, l.starts_at, l.ends_at
FROM lecturers l JOIN courses c ON c.id = l.course_id
WHERE c.activity_id = ANY(CAST(:ids AS uuid[])) ORDER BY l.course_id, l.position
"""

_INSERT = """
INSERT INTO activities (id, code, offering_unit_id, review_unit_id, title, method, professions, starts_on, ends_on,
                        county, place, status, submission, submitted_at, comment, version, purposes, created_at, updated_at)
VALUES (:id, :code, :offering_unit_id, :review_unit_id, :title, :method, :professions, :starts_on, :ends_on,
        :county, :place, :status, :submission, :submitted_at, :comment, :version, :purposes, :now, :now)
"""

_UPDATE = """
UPDATE activities SET
    review_unit_id = :review_unit_id, title = :title, method = :method, professions = :professions,
    starts_on = :starts_on, ends_on = :ends_on, county = :county, place = :place, status = :status,
    submission = :submission, submitted_at = :submitted_at, comment = :comment, version = :version, purposes = :purposes,
    updated_at = :now
WHERE id = :id AND version = :version - 1
RETURNING id
"""

_DROP_COURSES = "DELETE FROM courses WHERE activity_id = :id AND NOT (id = ANY(CAST(:kept AS uuid[])))"

_DROP_LECTURERS = "DELETE FROM lecturers USING courses c WHERE c.id = lecturers.course_id AND c.activity_id = :id"

_UPSERT_COURSE = """
INSERT INTO courses (id, activity_id, position, code, title, attribute, infection_control, gender, starts_at, ends_at,
                     minutes, place)
VALUES (:id, :activity_id, :position, :code, :title, :attribute, :infection_control, :gender, :starts_at, :ends_at,
        :minutes, :place)
ON CONFLICT (id) DO UPDATE SET
    position = excluded.position, title = excluded.title, attribute = excluded.attribute,
    infection_control = excluded.infection_control, gender = excluded.gender, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, minutes = excluded.minutes, place = excluded.place
"""

_INSERT_LECTURER = """
INSERT INTO lecturers (id, course_id, position, name, practitioner_number, practitioner_id, starts_at, ends_at)
VALUES (:id, :course_id, :position, :name, :practitioner_number, :practitioner_id, :starts_at, :ends_at)
"""


async def load(tx: Transaction, activity_id: UUID, *, lock: bool = False) -> Activity:
    """The activity; with `lock` nobody else can change it until this transaction ends. Raises ActivityNotFound."""
    found = await load_all(tx, [activity_id], lock=lock)
    if not found:
        raise ActivityNotFound
    return found[0]


async def load_all(tx: Transaction, ids: Sequence[UUID], *, lock: bool = False) -> list[Activity]:
    """Those that exist, ordered by id, so that two who lock many never wait for one another."""
    rows = await tx.all(_SELECT + (" FOR UPDATE" if lock else ""), ids=list(ids))
    if not rows:
        return []
    lecturers: dict[UUID, list[Lecturer]] = {}
    for row in await tx.all(_SELECT_LECTURERS, ids=list(ids)):
        lecturers.setdefault(row.course_id, []).append(_lecturer(row))
    courses: dict[UUID, list[Course]] = {}
    for row in await tx.all(_SELECT_COURSES, ids=list(ids)):
        courses.setdefault(row.activity_id, []).append(_course(row, lecturers.get(row.id, [])))
    return [_activity(row, courses.get(row.id, [])) for row in rows]


async def insert(tx: Transaction, activity: Activity) -> None:
    """A new activity with its courses."""
    await tx.execute(
        _INSERT, **_columns(activity), code=activity.code, offering_unit_id=activity.offering_unit_id, now=tx.now
    )
    await _save_courses(tx, activity)


async def save(tx: Transaction, activity: Activity) -> None:
    """The next version of a locked activity, without its courses: for changes of state."""
    await tx.one(_UPDATE, **_columns(activity), now=tx.now)


async def save_with_courses(tx: Transaction, activity: Activity) -> None:
    """The next version of a locked activity, with its courses: for changes of content."""
    await save(tx, activity)
    await tx.execute(_DROP_LECTURERS, id=activity.activity_id)
    await tx.execute(_DROP_COURSES, id=activity.activity_id, kept=[course.course_id for course in activity.courses])
    await _save_courses(tx, activity)


async def issue_codes(tx: Transaction, kind: str, how_many: int) -> Iterator[str]:
    """Fresh codes of today in Taipei, such as C202104020001. Opaque: nothing may read a date out of them."""
    if how_many == 0:
        return iter(())
    rows = await tx.all(
        "SELECT code FROM issue_codes(:kind, CAST(:today AS date), CAST(:how_many AS integer)) AS issued (code)",
        kind=kind,
        today=taipei_date(tx.now),
        how_many=how_many,
    )
    return iter([row.code for row in rows])


async def _save_courses(tx: Transaction, activity: Activity) -> None:
    await tx.execute_many(
        _UPSERT_COURSE,
        [
            {
                "id": course.course_id,
                "activity_id": activity.activity_id,
                "position": position,
                "code": course.code,
                "title": course.title,
                "attribute": course.attribute.value,
                "infection_control": course.infection_control,
                "gender": course.gender,
                "starts_at": course.starts_at,
                "ends_at": course.ends_at,
                "minutes": course.minutes,
                "place": course.place,
            }
            for position, course in enumerate(activity.courses)
        ],
    )
    await tx.execute_many(
        _INSERT_LECTURER,
        [
            {
                "id": lecturer.lecturer_id,
                "course_id": course.course_id,
                "position": position,
                "name": lecturer.name,
                "practitioner_number": lecturer.practitioner_number,
                "practitioner_id": lecturer.practitioner_id,
                "starts_at": lecturer.starts_at,
                "ends_at": lecturer.ends_at,
            }
            for course in activity.courses
            for position, lecturer in enumerate(course.lecturers)
        ],
    )


def _columns(activity: Activity) -> dict[str, Any]:
    return {
        "id": activity.activity_id,
        "review_unit_id": activity.review_unit_id,
        "title": activity.title,
        "method": activity.method.value,
        "professions": activity.professions,
        "starts_on": activity.starts_on,
        "ends_on": activity.ends_on,
        "county": activity.county,
        "place": activity.place,
        "status": activity.status.value,
        "submission": activity.submission,
        "submitted_at": activity.submitted_at,
        "comment": activity.comment,
        "version": activity.version,
        "purposes": [purpose.value for purpose in activity.purposes],
    }


def _activity(row: Row[Any], courses: Sequence[Course]) -> Activity:
    return Activity(
        activity_id=row.id,
        code=row.code,
        offering_unit_id=row.offering_unit_id,
        title=row.title,
        review_unit_id=row.review_unit_id,
        method=Method(row.method),
        professions=list(row.professions),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        county=row.county,
        place=row.place,
        status=Status(row.status),
        submission=row.submission,
        submitted_at=row.submitted_at,
        comment=row.comment,
        version=row.version,
        courses=list(courses),
        purposes=[Purpose(purpose) for purpose in row.purposes],
    )


def _course(row: Row[Any], lecturers: Sequence[Lecturer]) -> Course:
    return Course(
        course_id=row.id,
        code=row.code,
        title=row.title,
        attribute=Attribute(row.attribute),
        infection_control=row.infection_control,
        gender=row.gender,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        minutes=row.minutes,
        place=row.place,
        lecturers=list(lecturers),
    )


def _lecturer(row: Row[Any]) -> Lecturer:
    return Lecturer(
        lecturer_id=row.id,
        name=row.name,
        practitioner_number=row.practitioner_number,
        practitioner_id=row.practitioner_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
