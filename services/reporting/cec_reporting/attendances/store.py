"""Tables `courses` and `attendances`: facts as review and enrolment tell them, joined when somebody counts.

Neither waits for the other, and no number is ever kept and added to: whichever of several replicas takes in whichever
event, in whatever order and however often, the facts are the same in the end, and so is every count of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import TIMESTAMP, BigInteger, Boolean, Column, Computed, Date, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.bus.subscription import Received
from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_contracts.counties import county_of
from cec_contracts.enrolment import Attendance
from cec_contracts.review import CourseApproval
from cec_reporting.tables import metadata

OFFERED = "status = 'approved' AND details_of IS NOT DISTINCT FROM sequence"
"""What the search shows. Kept, because the planner cannot guess how often two columns are equal."""

courses = Table(
    "courses",
    metadata,
    Column("course_id", Uuid, primary_key=True),
    Column("activity_id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("offering_unit_id", Uuid, nullable=False),
    Column("review_unit_id", Uuid, nullable=False),
    Column("county", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("event_at", TIMESTAMP(timezone=True), nullable=False),
    # What only the search tells. `details_of` is the sequence that these are of: a row whose own is another was written by
    # a release that did not know them, and takes the same news again to have them.
    Column("attribute", Text),
    Column("infection_control", Boolean),
    Column("gender", Boolean),
    Column("starts_at", TIMESTAMP(timezone=True)),
    Column("ends_at", TIMESTAMP(timezone=True)),
    Column("awards", JSONB),
    Column("details_of", BigInteger),
    Column("offered", Boolean, Computed(OFFERED, persisted=True)),
    Column("title_folded", Text, Computed("folded(title)", persisted=True)),
    Index("courses_by_code", "code"),
    Index("courses_by_title", text("letter_pairs(title_folded)"), postgresql_using="gin"),
    Index("courses_offered", "activity_id", postgresql_where=text("offered")),
    Index("courses_by_day", "held_on"),
    Index("courses_by_unit", "offering_unit_id", "held_on"),
    Index("courses_by_activity", "activity_id"),
    Index("courses_by_event", "event_at"),
)

attendances = Table(
    "attendances",
    metadata,
    Column("attendance_id", Uuid, primary_key=True),
    Column("course_id", Uuid, nullable=False),
    Column("practitioner_id", Uuid, nullable=False),
    Column("profession", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("event_at", TIMESTAMP(timezone=True), nullable=False),
    # All that a count reads, so that it need not visit the table.
    Index(
        "attendances_counted",
        "course_id",
        "profession",
        "role",
        "practitioner_id",
        postgresql_where=text("status = 'recorded'"),
    ),
    Index("attendances_by_event", "event_at"),
)

KEEP_COURSES = """
INSERT INTO courses (course_id, activity_id, code, title, offering_unit_id, review_unit_id, county, held_on, minutes,
                     status, sequence, event_at, attribute, infection_control, gender, starts_at, ends_at, awards,
                     details_of)
SELECT *, sequence FROM unnest(
    CAST(:ids AS uuid[]), CAST(:activity_ids AS uuid[]), CAST(:codes AS text[]), CAST(:titles AS text[]),
    CAST(:unit_ids AS uuid[]), CAST(:reviewer_ids AS uuid[]), CAST(:counties AS text[]), CAST(:days AS date[]),
    CAST(:minutes AS integer[]), CAST(:statuses AS text[]), CAST(:sequences AS bigint[]),
    CAST(:event_ats AS timestamptz[]), CAST(:attributes AS text[]), CAST(:infection AS boolean[]),
    CAST(:genders AS boolean[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]),
    CAST(CAST(:awards AS text[]) AS jsonb[]))
    AS news (course_id, activity_id, code, title, offering_unit_id, review_unit_id, county, held_on, minutes, status,
             sequence)
ORDER BY course_id
ON CONFLICT (course_id) DO UPDATE SET
    activity_id = excluded.activity_id, code = excluded.code, title = excluded.title,
    offering_unit_id = excluded.offering_unit_id, review_unit_id = excluded.review_unit_id, county = excluded.county,
    held_on = excluded.held_on, minutes = excluded.minutes, status = excluded.status, sequence = excluded.sequence,
    event_at = excluded.event_at, attribute = excluded.attribute, infection_control = excluded.infection_control,
    gender = excluded.gender, starts_at = excluded.starts_at, ends_at = excluded.ends_at, awards = excluded.awards,
    details_of = excluded.details_of
WHERE courses.sequence < excluded.sequence
   OR (courses.sequence = excluded.sequence AND courses.details_of IS DISTINCT FROM excluded.details_of)
"""

KEEP_ATTENDANCES = """
INSERT INTO attendances (attendance_id, course_id, practitioner_id, profession, role, status, sequence, event_at)
SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:course_ids AS uuid[]), CAST(:practitioner_ids AS uuid[]), CAST(:professions AS text[]),
    CAST(:roles AS text[]), CAST(:statuses AS text[]), CAST(:sequences AS bigint[]), CAST(:event_ats AS timestamptz[]))
    AS news (attendance_id)
ORDER BY attendance_id
ON CONFLICT (attendance_id) DO UPDATE SET
    course_id = excluded.course_id, practitioner_id = excluded.practitioner_id, profession = excluded.profession,
    role = excluded.role, status = excluded.status, sequence = excluded.sequence, event_at = excluded.event_at
WHERE attendances.sequence < excluded.sequence
"""


async def keep_courses(tx: Transaction, news: Sequence[Received[CourseApproval]]) -> None:
    """Takes in at most one piece of news for each course; older news than we have changes nothing."""
    told = [event.body for event in news]
    await tx.execute(
        KEEP_COURSES,
        ids=[course.course_id for course in told],
        activity_ids=[course.activity_id for course in told],
        codes=[course.course_code for course in told],
        titles=[course.course_title for course in told],
        unit_ids=[course.offering_unit_id for course in told],
        reviewer_ids=[course.review_unit_id for course in told],
        counties=[county_of(course.county) or course.county for course in told],
        days=[taipei_date(course.starts_at) for course in told],
        minutes=[course.minutes for course in told],
        statuses=[course.status for course in told],
        sequences=[event.sequence for event in news],
        event_ats=[event.time for event in news],
        attributes=[course.attribute.value for course in told],
        infection=[course.infection_control for course in told],
        genders=[course.gender for course in told],
        starts=[course.starts_at for course in told],
        ends=[course.ends_at for course in told],
        awards=[msgspec.json.encode(course.awards).decode() for course in told],
    )


async def keep_attendances(tx: Transaction, news: Sequence[Received[Attendance]]) -> None:
    """Takes in at most one piece of news for each attendance; older news than we have changes nothing."""
    told = [event.body for event in news]
    await tx.execute(
        KEEP_ATTENDANCES,
        ids=[attendance.attendance_id for attendance in told],
        course_ids=[attendance.course_id for attendance in told],
        practitioner_ids=[attendance.practitioner_id for attendance in told],
        professions=[attendance.profession for attendance in told],
        roles=[attendance.role.value for attendance in told],
        statuses=[attendance.status for attendance in told],
        sequences=[event.sequence for event in news],
        event_ats=[event.time for event in news],
    )
