"""Rows of the outbox say whether they were told in bulk."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import OUTBOX_BULK_SQL, create_chassis_tables

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    create_chassis_tables(op.get_bind(), (OUTBOX_BULK_SQL,))
