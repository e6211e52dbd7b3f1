"""Reconciliation of stored standings with the facts, rebuilding them all, and who waits for rules to come into force."""

from alembic import op

from cec_chassis.database.schema import statements

revision = "reconciliation_and_rebuild"
down_revision = "practitioner_versions"

SQL = """
CREATE TABLE awaited_standings (
    practitioner_id uuid NOT NULL,
    profession      text NOT NULL,
    due_on          date NOT NULL,
    PRIMARY KEY (practitioner_id, profession)
);
CREATE INDEX awaited_by_day ON awaited_standings (due_on);

CREATE TABLE reconciliation_progress (
    the_only_one         boolean     PRIMARY KEY DEFAULT true CONSTRAINT reconciliation_one_row CHECK (the_only_one),
    through_practitioner uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    through_profession   text        NOT NULL DEFAULT '',
    round                bigint      NOT NULL DEFAULT 1,
    checked              bigint      NOT NULL DEFAULT 0,
    differing            bigint      NOT NULL DEFAULT 0,
    last_run_at          timestamptz,
    last_round_ended_at  timestamptz
);
INSERT INTO reconciliation_progress DEFAULT VALUES;

CREATE TABLE reconciliation_reports (
    report_id   uuid        PRIMARY KEY,
    at          timestamptz NOT NULL,
    checked     integer     NOT NULL,
    differing   integer     NOT NULL,
    differences jsonb       NOT NULL
);
CREATE INDEX reconciliation_reports_by_time ON reconciliation_reports (at);

CREATE TABLE rebuild_chunks (
    number     integer     PRIMARY KEY,
    through    uuid        NOT NULL,
    standings  integer,
    failed     integer,
    done_at    timestamptz
);

CREATE TABLE rebuild_touched (
    practitioner_id uuid NOT NULL,
    profession      text NOT NULL,
    PRIMARY KEY (practitioner_id, profession)
);
CREATE FUNCTION note_touched_standings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rebuild_touched (practitioner_id, profession)
    SELECT practitioner_id, profession FROM touched ORDER BY 1, 2
    ON CONFLICT (practitioner_id, profession) DO NOTHING;
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("facts are never thrown away; restore a backup instead")
