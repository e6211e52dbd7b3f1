"""The audit log is chained, knows looks from acts and names who acted."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import AUDIT_CHAIN_SQL, create_chassis_tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_chassis_tables(op.get_bind(), (AUDIT_CHAIN_SQL,))
