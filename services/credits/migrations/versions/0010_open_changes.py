"""Whether a review unit examines an approval anew: why, and since when."""

from alembic import op

revision = "open_changes"
down_revision = "articles_of_approvals"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE course_approvals ADD COLUMN change_reason text, ADD COLUMN change_opened_at timestamptz"
    )
