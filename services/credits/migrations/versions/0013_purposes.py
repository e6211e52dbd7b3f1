"""What an approval is for. Versions from before served the practice licence."""

from __future__ import annotations

from alembic import op

revision = "purposes"
down_revision = "masked_national_ids"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE course_approvals ADD COLUMN purposes jsonb NOT NULL DEFAULT '[\"practice_licence\"]'"
    )
