"""The tables of an activity, and the counter from which codes are issued. Migrations make them; a test compares."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from cec_activities.tables import metadata

INSTANT = DateTime(timezone=True)

activities = Table(
    "activities",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("offering_unit_id", Uuid, nullable=False),
    Column("review_unit_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("professions", ARRAY(Text), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("county", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("submission", Integer, nullable=False),
    Column("submitted_at", INSTANT),
    Column("comment", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    Column("purposes", ARRAY(Text), nullable=False, server_default="{practice_licence}"),
    UniqueConstraint("code", name="activities_code_key"),
)
# uuid7 grows with time, so the newest activities come first without a further sort
Index("activities_of_unit", activities.c.offering_unit_id, text("id DESC"))
Index("activities_for_review", activities.c.review_unit_id, text("id DESC"))

courses = Table(
    "courses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("activity_id", Uuid, ForeignKey("activities.id", name="courses_activity_id_fkey"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("infection_control", Boolean, nullable=False),
    Column("gender", Boolean, nullable=False),
    Column("starts_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("place", Text, nullable=False),
    UniqueConstraint("code", name="courses_code_key"),
    Index("courses_of_activity", "activity_id", "position"),
)

lecturers = Table(
    "lecturers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id", name="lecturers_course_id_fkey"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("practitioner_number", Text),
    Column("practitioner_id", Uuid),
    Column("starts_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Index("lecturers_of_course", "course_id", "position"),
)

code_serials = Table(
    "code_serials",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("issued_on", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)
