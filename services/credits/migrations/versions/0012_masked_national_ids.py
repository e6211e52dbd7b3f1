"""The national ID as it may be shown on course records and documents; filled as identity tells of people again."""

from alembic import op

revision = "masked_national_ids"
down_revision = "withdrawn_lines_and_occasions"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE practitioners ADD COLUMN national_id_masked text")
