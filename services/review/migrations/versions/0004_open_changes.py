"""An approval can be under examination: why, and since when. To examine it is no decision and needs none of its reasons."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0004"
down_revision = "0003"

SQL = """
ALTER TABLE course_approvals ADD COLUMN change_reason text, ADD COLUMN change_opened_at timestamptz;
ALTER TABLE course_approvals DROP CONSTRAINT course_approvals_check,
    ADD CONSTRAINT decisions_say_why
        CHECK (reason <> '' OR (status = 'approved' AND awards_version = 1)) NOT VALID,
    ADD CONSTRAINT examinations_say_why CHECK ((change_reason IS NULL) = (change_opened_at IS NULL)) NOT VALID;
ALTER TABLE course_approvals VALIDATE CONSTRAINT decisions_say_why;
ALTER TABLE course_approvals VALIDATE CONSTRAINT examinations_say_why;
"""


def upgrade() -> None:
    for statement in statements(SQL):
        op.get_bind().exec_driver_sql(statement)
