"""The ledger, the copies of approvals and practitioners, the dirty set and the standings."""

from alembic import op

from cec_chassis.database.schema import create_chassis_tables, statements

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE ledger_entries (
    attendance_id   uuid        NOT NULL,
    sequence        bigint      NOT NULL,
    practitioner_id uuid        NOT NULL,
    profession      text        NOT NULL,
    course_id       uuid        NOT NULL,
    role            text        NOT NULL,
    minutes         integer,
    status          text        NOT NULL CONSTRAINT ledger_status CHECK (status IN ('recorded', 'withdrawn')),
    reason          text        NOT NULL,
    recorded_at     timestamptz NOT NULL,
    known_at        timestamptz NOT NULL,
    event_id        uuid        NOT NULL,
    PRIMARY KEY (attendance_id, sequence)
);
CREATE INDEX ledger_by_practitioner ON ledger_entries (practitioner_id);
CREATE INDEX ledger_by_course ON ledger_entries (course_id);
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE course_approvals (
    course_id          uuid        NOT NULL,
    sequence           bigint      NOT NULL,
    course_code        text        NOT NULL,
    course_title       text        NOT NULL,
    activity_id        uuid        NOT NULL,
    activity_code      text        NOT NULL,
    offering_unit_name text        NOT NULL,
    method             text        NOT NULL,
    attribute          text        NOT NULL,
    infection_control  boolean     NOT NULL,
    gender             boolean     NOT NULL,
    starts_at          timestamptz NOT NULL,
    ends_at            timestamptz NOT NULL,
    minutes            integer     NOT NULL,
    awards             jsonb       NOT NULL,
    status             text        NOT NULL CONSTRAINT approval_status CHECK (status IN ('approved', 'withdrawn')),
    reason             text        NOT NULL,
    decided_at         timestamptz NOT NULL,
    known_at           timestamptz NOT NULL,
    PRIMARY KEY (course_id, sequence)
);
CREATE TRIGGER approvals_append_only BEFORE UPDATE OR DELETE ON course_approvals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE practitioners (
    practitioner_id uuid    PRIMARY KEY,
    sequence        bigint  NOT NULL,
    number          text    NOT NULL,
    name            text    NOT NULL,
    certificates    jsonb   NOT NULL,
    licences        jsonb   NOT NULL,
    practice_areas  jsonb   NOT NULL,
    active          boolean NOT NULL
);

CREATE TABLE dirty_standings (
    practitioner_id uuid        NOT NULL,
    profession      text        NOT NULL,
    generation      bigint      NOT NULL DEFAULT 1,
    since           timestamptz NOT NULL DEFAULT clock_timestamp(),
    traceparent     text,
    PRIMARY KEY (practitioner_id, profession)
);
CREATE INDEX dirty_by_age ON dirty_standings (since);

CREATE TABLE standings (
    practitioner_id uuid        NOT NULL,
    profession      text        NOT NULL,
    version         bigint      NOT NULL,
    as_of           date        NOT NULL,
    changes_on      date,
    window_since    date        NOT NULL,
    window_end      date        NOT NULL,
    digest          text        NOT NULL,
    summary         text        NOT NULL,
    computed_at     timestamptz NOT NULL,
    computed_by     uuid        NOT NULL,
    PRIMARY KEY (practitioner_id, profession)
);
CREATE INDEX standings_due ON standings (changes_on);

CREATE TABLE recalculation_failures (
    practitioner_id uuid        NOT NULL,
    profession      text        NOT NULL,
    error           text        NOT NULL,
    failed_at       timestamptz NOT NULL,
    PRIMARY KEY (practitioner_id, profession)
);

CREATE TABLE rule_sets (
    rule_set_id    text        PRIMARY KEY,
    effective_from date        NOT NULL,
    digest         text        NOT NULL,
    sequence       bigint      NOT NULL,
    published_at   timestamptz NOT NULL
);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_chassis_tables(connection)
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("facts are never thrown away; restore a backup instead")
