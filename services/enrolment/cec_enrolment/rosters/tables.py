"""The tables of lines. What the system records from lecturer lists has a table of its own, which the other one includes.

`lecturer_attendances` inherits from `attendances`: whoever reads, corrects or withdraws lines does so with both. They differ
in what there can be only one of. By hand somebody is recorded once in each role, as one profession; the system records a
lecturer as every profession that gets points.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, Uuid

from cec_enrolment.tables import metadata


def _columns() -> list[Column[Any]]:
    return [
        Column("attendance_id", Uuid, primary_key=True),
        Column("course_id", Uuid, nullable=False),
        Column("activity_id", Uuid, nullable=False),
        Column("practitioner_id", Uuid, nullable=False),
        Column("profession", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("minutes", Integer),
        Column("status", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("recorded_at", TIMESTAMP(timezone=True), nullable=False),
        Column("changed_at", TIMESTAMP(timezone=True), nullable=False),
    ]


attendances = Table(
    "attendances",
    metadata,
    *_columns(),
    CheckConstraint("status IN ('recorded', 'withdrawn')", name="attendances_status"),
    # Withdrawn lines are in it too: putting somebody back continues the same line with a newer version.
    Index("attendances_once", "course_id", "practitioner_id", "role", unique=True),
    Index("attendances_by_practitioner", "practitioner_id"),
)
lecturer_attendances = Table(
    "lecturer_attendances",
    metadata,
    *_columns(),
    CheckConstraint("status IN ('recorded', 'withdrawn')", name="attendances_status"),
    Index("lecturer_attendances_once", "course_id", "practitioner_id", "role", "profession", unique=True),
    Index("lecturer_attendances_by_practitioner", "practitioner_id"),
)
