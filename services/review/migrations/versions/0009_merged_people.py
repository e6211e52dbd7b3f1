"""Into which record a practitioner's was merged: looks at the former record are told to the person. `python -m cec_identity
republish --to review` fills it for merges of before."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0009"
down_revision = "0008"

MERGED = """
CREATE TABLE practitioners (
    id          uuid   PRIMARY KEY,
    merged_into uuid,
    sequence    bigint NOT NULL
);
CREATE INDEX practitioners_merged ON practitioners (merged_into) WHERE merged_into IS NOT NULL;
"""


def upgrade() -> None:
    for statement in statements(MERGED):
        op.get_bind().exec_driver_sql(statement)
