"""Which rosters somebody stands on is asked when they read who looked at them."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("CREATE INDEX attendances_by_practitioner ON attendances (practitioner_id)")
