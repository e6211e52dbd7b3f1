"""By which article an approval lost its effect, so that an entry can say so."""

from alembic import op

revision = "articles_of_approvals"
down_revision = "single_marks_first"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE course_approvals ADD COLUMN article text NOT NULL DEFAULT ''")
