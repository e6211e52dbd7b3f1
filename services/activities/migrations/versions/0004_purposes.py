"""What the credits of an activity are for; all that was applied for before was for the practice licence."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE activities ADD COLUMN purposes text[] NOT NULL DEFAULT '{practice_licence}'"
    )
