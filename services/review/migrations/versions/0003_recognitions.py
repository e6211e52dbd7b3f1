"""The copy of recognitions of review units, and the article by which an approval lost its effect."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0003"
down_revision = "0002"

SQL = """
CREATE TABLE recognitions (
    id             uuid   PRIMARY KEY,
    review_unit_id uuid   NOT NULL,
    recognition    jsonb  NOT NULL,
    sequence       bigint NOT NULL
);
CREATE INDEX recognitions_of_unit ON recognitions (review_unit_id);
ALTER TABLE course_approvals ADD COLUMN article text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    for statement in statements(SQL):
        op.get_bind().exec_driver_sql(statement)
