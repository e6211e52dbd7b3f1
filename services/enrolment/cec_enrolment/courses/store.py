"""Table `approved_courses`: a copy of what review says, kept by the highest sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import TIMESTAMP, BigInteger, Column, Date, Index, Integer, Row, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.review import CourseApproval
from cec_enrolment.courses.domain import ApprovedCourse, CourseAward, RosterNotFound
from cec_enrolment.tables import metadata

approved_courses = Table(
    "approved_courses",
    metadata,
    Column("course_id", Uuid, primary_key=True),
    Column("course_code", Text, nullable=False),
    Column("course_title", Text, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("activity_code", Text, nullable=False),
    Column("activity_title", Text, nullable=False),
    Column("offering_unit_id", Uuid, nullable=False),
    Column("offering_unit_name", Text, nullable=False),
    Column("review_unit_id", Uuid, nullable=False),
    Column("starts_at", TIMESTAMP(timezone=True), nullable=False),
    Column("ends_at", TIMESTAMP(timezone=True), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("awards", JSONB, nullable=False),
    Column("roster_deadline", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("decided_at", TIMESTAMP(timezone=True), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    # minutes by practitioner, `{"<id>": 60}`: so the courses of somebody who becomes known late are found
    Column("lecturers", JSONB, nullable=False, server_default="{}"),
    Index(
        "approved_courses_by_lecturer", "lecturers", postgresql_using="gin", postgresql_where=text("lecturers <> '{}'")
    ),
    Index("approved_courses_by_code", "course_code"),
    Index("approved_courses_by_unit", "offering_unit_id", "starts_at"),
    Index("approved_courses_by_reviewer", "review_unit_id", "starts_at"),
)

KEEP = """
INSERT INTO approved_courses (course_id, course_code, course_title, activity_id, activity_code, activity_title,
    offering_unit_id, offering_unit_name, review_unit_id, starts_at, ends_at, minutes, awards, roster_deadline,
    status, decided_at, sequence, lecturers)
SELECT * FROM unnest(
    CAST(:course_ids AS uuid[]), CAST(:course_codes AS text[]), CAST(:course_titles AS text[]),
    CAST(:activity_ids AS uuid[]), CAST(:activity_codes AS text[]), CAST(:activity_titles AS text[]),
    CAST(:unit_ids AS uuid[]), CAST(:unit_names AS text[]), CAST(:reviewer_ids AS uuid[]),
    CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]), CAST(:minutes AS integer[]),
    CAST(:awards AS jsonb[]), CAST(:deadlines AS date[]), CAST(:statuses AS text[]),
    CAST(:decided AS timestamptz[]), CAST(:sequences AS bigint[]), CAST(:lecturers AS jsonb[])) AS news (course_id)
ORDER BY news.course_id
ON CONFLICT (course_id) DO UPDATE SET
    course_code = excluded.course_code, course_title = excluded.course_title, activity_id = excluded.activity_id,
    activity_code = excluded.activity_code, activity_title = excluded.activity_title,
    offering_unit_id = excluded.offering_unit_id, offering_unit_name = excluded.offering_unit_name,
    review_unit_id = excluded.review_unit_id, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    minutes = excluded.minutes, awards = excluded.awards, roster_deadline = excluded.roster_deadline,
    status = excluded.status, decided_at = excluded.decided_at, sequence = excluded.sequence,
    lecturers = excluded.lecturers
WHERE approved_courses.sequence < excluded.sequence
"""

COLUMNS = """
course_id, course_code, activity_id, offering_unit_id, review_unit_id, minutes, roster_deadline,
status = 'approved' AS approved, CAST(awards AS text) AS awards, CAST(lecturers AS text) AS lecturers
"""
BY_ID = f"SELECT {COLUMNS} FROM approved_courses WHERE course_id = :course_id"
BY_ID_SHARED = f"{BY_ID} FOR SHARE"
BY_ID_ALONE = f"{BY_ID} FOR UPDATE"
BY_CODES_ALONE = f"""
SELECT {COLUMNS} FROM approved_courses WHERE course_code = ANY(CAST(:codes AS text[])) ORDER BY course_id FOR UPDATE
"""
WITH_LECTURERS_ALONE = f"""
SELECT {COLUMNS} FROM approved_courses
WHERE course_id = ANY(CAST(:course_ids AS uuid[])) AND lecturers <> '{{}}' AND status = 'approved'
ORDER BY course_id FOR UPDATE
"""
OF_LECTURERS = """
SELECT course_id FROM approved_courses WHERE lecturers <> '{}' AND lecturers ?| CAST(:practitioner_ids AS text[])
"""


async def keep_courses(tx: Transaction, news: Sequence[Received[CourseApproval]]) -> None:
    """Takes in at most one piece of news for each course; older news than we have changes nothing."""
    courses = [event.body for event in news]
    await tx.execute(
        KEEP,
        course_ids=[course.course_id for course in courses],
        course_codes=[course.course_code for course in courses],
        course_titles=[course.course_title for course in courses],
        activity_ids=[course.activity_id for course in courses],
        activity_codes=[course.activity_code for course in courses],
        activity_titles=[course.activity_title for course in courses],
        unit_ids=[course.offering_unit_id for course in courses],
        unit_names=[course.offering_unit_name for course in courses],
        reviewer_ids=[course.review_unit_id for course in courses],
        starts=[course.starts_at for course in courses],
        ends=[course.ends_at for course in courses],
        minutes=[course.minutes for course in courses],
        awards=[msgspec.json.encode(course.awards).decode() for course in courses],
        deadlines=[course.roster_deadline for course in courses],
        statuses=[course.status for course in courses],
        decided=[course.decided_at for course in courses],
        sequences=[event.sequence for event in news],
        lecturers=[_lecturers_kept(course) for course in courses],
    )


def _lecturers_kept(course: CourseApproval) -> str:
    return msgspec.json.encode({str(who.practitioner_id): who.minutes for who in course.lecturers}).decode()


async def course_to_read(tx: Transaction, course_id: UUID) -> ApprovedCourse:
    """Raises RosterNotFound."""
    return _the_course(await tx.one_or_none(BY_ID, course_id=course_id))


async def course_for_one_change(tx: Transaction, course_id: UUID) -> ApprovedCourse:
    """The course, held so that neither its approval changes nor an import of its roster runs until we commit.

    Other single changes of the same roster go on beside this one. Raises RosterNotFound.
    """
    return _the_course(await tx.one_or_none(BY_ID_SHARED, course_id=course_id))


async def course_for_many_changes(tx: Transaction, course_id: UUID) -> ApprovedCourse:
    """The course, held so that its roster changes by nobody else until we commit. Raises RosterNotFound."""
    return _the_course(await tx.one_or_none(BY_ID_ALONE, course_id=course_id))


async def courses_for_many_changes(tx: Transaction, codes: Iterable[str]) -> dict[str, list[ApprovedCourse]]:
    """The courses by code, each held alone; locked in the order of their ids, so two imports never wait in a circle."""
    found: dict[str, list[ApprovedCourse]] = {}
    for row in await tx.all(BY_CODES_ALONE, codes=sorted(set(codes))):
        found.setdefault(row.course_code, []).append(_course(row))
    return found


async def courses_with_lecturers(tx: Transaction, course_ids: Iterable[UUID]) -> list[ApprovedCourse]:
    """Those of the courses that are approved and have lecturers, each held alone as by an import."""
    rows = await tx.all(WITH_LECTURERS_ALONE, course_ids=list(course_ids))
    return [_course(row) for row in rows]


async def courses_lectured_by(tx: Transaction, practitioner_ids: Iterable[UUID]) -> list[UUID]:
    """The courses that have one of these records on their lecturer list."""
    rows = await tx.all(OF_LECTURERS, practitioner_ids=[str(person) for person in practitioner_ids])
    return [row.course_id for row in rows]


def _the_course(row: Row[Any] | None) -> ApprovedCourse:
    if row is None:
        raise RosterNotFound
    return _course(row)


_awards = msgspec.json.Decoder(frozenset[CourseAward])
_lecturers = msgspec.json.Decoder(dict[UUID, int])


def _course(row: Row[Any]) -> ApprovedCourse:
    return ApprovedCourse(
        course_id=row.course_id,
        course_code=row.course_code,
        activity_id=row.activity_id,
        offering_unit_id=row.offering_unit_id,
        review_unit_id=row.review_unit_id,
        minutes=row.minutes,
        roster_deadline=row.roster_deadline,
        approved=row.approved,
        awards=_awards.decode(row.awards),
        lecturers=_lecturers.decode(row.lecturers),
    )
