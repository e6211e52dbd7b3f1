"""Withdrawn lines stand in statements, so everybody is computed anew; documents say for which occasion they were asked."""

from alembic import op

from cec_chassis.database.schema import statements

revision = "withdrawn_lines_and_occasions"
down_revision = "open_changes"

SQL = """
ALTER TABLE issued_statements ADD COLUMN profile text NOT NULL DEFAULT 'renewal';

INSERT INTO dirty_standings AS d (practitioner_id, profession)
SELECT practitioner_id, profession FROM standings ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE SET generation = d.generation + 1;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("facts are never thrown away; restore a backup instead")
