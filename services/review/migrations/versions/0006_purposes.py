"""What the credits of an approved course are for; all that was approved before was for the practice licence."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE course_approvals ADD COLUMN purposes text[] NOT NULL DEFAULT '{practice_licence}'"
    )
