"""The lecturer list of approved courses, and the lines that the system records from it.

Their table is part of `attendances`: code that does not know of it reads, corrects and withdraws them there.
"""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0005"
down_revision = "0004"

SQL = """
ALTER TABLE approved_courses ADD COLUMN lecturers jsonb NOT NULL DEFAULT '{}';
CREATE INDEX approved_courses_by_lecturer ON approved_courses USING gin (lecturers) WHERE lecturers <> '{}';
CREATE TABLE lecturer_attendances (PRIMARY KEY (attendance_id)) INHERITS (attendances);
CREATE UNIQUE INDEX lecturer_attendances_once
    ON lecturer_attendances (course_id, practitioner_id, role, profession);
CREATE INDEX lecturer_attendances_by_practitioner ON lecturer_attendances (practitioner_id);
"""


def upgrade() -> None:
    for statement in statements(SQL):
        op.get_bind().exec_driver_sql(statement)
