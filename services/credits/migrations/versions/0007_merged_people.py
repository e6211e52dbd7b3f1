"""Records that identity merged into others: whose facts count for whom."""

from alembic import op

from cec_chassis.database.schema import statements

revision = "merged_people"
down_revision = "audit_chain"

SQL = """
ALTER TABLE practitioners ADD COLUMN merged_into uuid;
ALTER TABLE practitioner_versions ADD COLUMN merged_into uuid;
CREATE INDEX practitioners_merged ON practitioners (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX practitioner_versions_merged ON practitioner_versions (practitioner_id) WHERE merged_into IS NOT NULL;

-- Every former record with the one at the end of its chain; made anew from `practitioners` whenever a merge changes.
CREATE TABLE merged_people (
    practitioner_id uuid PRIMARY KEY,
    survivor_id     uuid NOT NULL CHECK (survivor_id <> practitioner_id)
);
CREATE INDEX merged_people_by_survivor ON merged_people (survivor_id);
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("facts are never thrown away; restore a backup instead")
