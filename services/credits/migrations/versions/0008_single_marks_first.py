"""Marks of single facts are told from those of bulk, so that they can be worked in first."""

from alembic import op

from cec_chassis.database.schema import statements

revision = "single_marks_first"
down_revision = "merged_people"

SQL = """
ALTER TABLE dirty_standings ADD COLUMN in_bulk boolean NOT NULL DEFAULT true;
CREATE INDEX dirty_singles ON dirty_standings (since) WHERE NOT in_bulk;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("facts are never thrown away; restore a backup instead")
