"""Every version of a practitioner is kept; approvals also tell the activity's title, its unit and its reviewer.

Versions that are here already became known at a time nobody noted: they are taken as known since ever, so that a
question about the past finds the person. Every standing is marked, because its stored text now holds the licence.
"""

from alembic import op

from cec_chassis.database.schema import statements

revision = "practitioner_versions"
down_revision = "rule_set_versions"

SQL = """
CREATE TABLE practitioner_versions (
    practitioner_id uuid        NOT NULL,
    sequence        bigint      NOT NULL,
    number          text        NOT NULL,
    name            text        NOT NULL,
    certificates    jsonb       NOT NULL,
    licences        jsonb       NOT NULL,
    practice_areas  jsonb       NOT NULL,
    active          boolean     NOT NULL,
    known_at        timestamptz NOT NULL,
    PRIMARY KEY (practitioner_id, sequence)
);
CREATE TRIGGER practitioner_versions_append_only BEFORE UPDATE OR DELETE ON practitioner_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
INSERT INTO practitioner_versions
SELECT practitioner_id, sequence, number, name, certificates, licences, practice_areas, active, '-infinity'
FROM practitioners;

ALTER TABLE course_approvals
    ADD COLUMN activity_title   text,
    ADD COLUMN offering_unit_id uuid,
    ADD COLUMN review_unit_id   uuid;

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
