"""The audit log is chained, knows looks from acts and names who acted; organisations are known by name.

The copy of organisations starts empty: identity republishes them (docs/runbook.md).
"""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import AUDIT_CHAIN_SQL, create_chassis_tables

revision = "audit_chain"
down_revision = "batch_and_exports"

ORGANISATIONS = """
CREATE TABLE organisations (
    id       uuid   PRIMARY KEY,
    name     text   NOT NULL,
    sequence bigint NOT NULL
)
"""


def upgrade() -> None:
    create_chassis_tables(op.get_bind(), (AUDIT_CHAIN_SQL,))
    op.get_bind().exec_driver_sql(ORGANISATIONS)
