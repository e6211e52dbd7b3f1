"""Approvals keep who of the submitted lecturers is a practitioner. Those that were given before have none."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE course_approvals ADD COLUMN lecturers jsonb NOT NULL DEFAULT '[]'")
