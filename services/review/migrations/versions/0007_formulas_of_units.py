"""Review units may settle how minutes become points; null is as the rule set says."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        """
        ALTER TABLE policies
            ADD COLUMN minutes_per_credit_hour integer CHECK (minutes_per_credit_hour BETWEEN 30 AND 90),
            ADD COLUMN minute_step integer CHECK (minute_step BETWEEN 1 AND 90)
        """
    )
