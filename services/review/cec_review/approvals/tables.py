"""The tables of approvals. Awards are appended: each version that changed points has rows of its own."""

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
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cec_review.tables import metadata

INSTANT = DateTime(timezone=True)

course_approvals = Table(
    "course_approvals",
    metadata,
    Column("course_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id", name="course_approvals_case_id_fkey"), nullable=False),
    Column("course_code", Text, nullable=False),
    Column("course_title", Text, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("activity_code", Text, nullable=False),
    Column("activity_title", Text, nullable=False),
    Column("offering_unit_id", Uuid, nullable=False),
    Column("offering_unit_name", Text, nullable=False),
    Column("review_unit_id", Uuid, nullable=False),
    Column("method", Text, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("infection_control", Boolean, nullable=False),
    Column("gender", Boolean, nullable=False),
    Column("professions", ARRAY(Text), nullable=False),
    Column("starts_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("county", Text, nullable=False),
    Column("roster_deadline", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False),
    # the version in which the points that count now were set
    Column("awards_version", BigInteger, nullable=False),
    Column("article", Text, nullable=False, server_default=""),
    # both are set while the unit examines whether to change the approval
    Column("change_reason", Text),
    Column("change_opened_at", INSTANT),
    # of the submitted lecturers, those who are practitioners
    Column("lecturers", JSONB, nullable=False, server_default="[]"),
    Column("purposes", ARRAY(Text), nullable=False, server_default="{practice_licence}"),
    Index("course_approvals_of_case", "case_id"),
)
Index("course_approvals_of_unit", course_approvals.c.review_unit_id, text("course_id DESC"))

awards = Table(
    "awards",
    metadata,
    Column(
        "course_id",
        Uuid,
        ForeignKey("course_approvals.course_id", name="awards_course_id_fkey"),
        primary_key=True,
    ),
    Column("version", BigInteger, primary_key=True),
    Column("profession", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("points", Numeric(8, 2), nullable=False),
)
