"""Cases, approvals with their points, policies of review units, and the copy of rule sets."""

from alembic import op

from cec_chassis.database.schema import create_chassis_tables, statements

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE cases (
    id             uuid        PRIMARY KEY,
    activity_id    uuid        NOT NULL,
    submission     integer     NOT NULL CHECK (submission > 0),
    review_unit_id uuid        NOT NULL,
    status         text        NOT NULL CHECK (status IN ('open', 'passed', 'failed', 'returned', 'withdrawn')),
    comment        text        NOT NULL,
    -- the submission as activities told it, and the version of the activity that told it
    activity       jsonb       NOT NULL,
    sequence       bigint      NOT NULL,
    received_at    timestamptz NOT NULL,
    decided_at     timestamptz,
    version        bigint      NOT NULL CHECK (version > 0),
    UNIQUE (activity_id, submission),
    CHECK ((decided_at IS NULL) = (status IN ('open', 'withdrawn')))
);
CREATE INDEX cases_of_unit ON cases (review_unit_id, status, id);

CREATE TABLE course_approvals (
    course_id          uuid        PRIMARY KEY,
    case_id            uuid        NOT NULL REFERENCES cases (id),
    course_code        text        NOT NULL,
    course_title       text        NOT NULL,
    activity_id        uuid        NOT NULL,
    activity_code      text        NOT NULL,
    activity_title     text        NOT NULL,
    offering_unit_id   uuid        NOT NULL,
    offering_unit_name text        NOT NULL,
    review_unit_id     uuid        NOT NULL,
    method             text        NOT NULL,
    attribute          text        NOT NULL,
    infection_control  boolean     NOT NULL,
    gender             boolean     NOT NULL,
    professions        text[]      NOT NULL,
    starts_at          timestamptz NOT NULL,
    ends_at            timestamptz NOT NULL,
    minutes            integer     NOT NULL,
    county             text        NOT NULL,
    roster_deadline    date        NOT NULL,
    status             text        NOT NULL CHECK (status IN ('approved', 'withdrawn')),
    reason             text        NOT NULL CHECK (reason <> '' OR version = 1),
    decided_at         timestamptz NOT NULL,
    version            bigint      NOT NULL CHECK (version > 0),
    awards_version     bigint      NOT NULL CHECK (awards_version BETWEEN 1 AND version)
);
CREATE INDEX course_approvals_of_case ON course_approvals (case_id);
CREATE INDEX course_approvals_of_unit ON course_approvals (review_unit_id, course_id DESC);

-- Appended to: a change of points has rows of its own, so what was once approved can always be shown.
CREATE TABLE awards (
    course_id  uuid         NOT NULL REFERENCES course_approvals (course_id),
    version    bigint       NOT NULL,
    profession text         NOT NULL,
    role       text         NOT NULL,
    points     numeric(8,2) NOT NULL CHECK (points > 0),
    PRIMARY KEY (course_id, version, profession, role)
);
CREATE TRIGGER awards_append_only BEFORE UPDATE OR DELETE ON awards
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE policies (
    review_unit_id uuid        PRIMARY KEY,
    roster_days    integer     NOT NULL CHECK (roster_days BETWEEN 1 AND 366),
    updated_at     timestamptz NOT NULL
);

CREATE TABLE rule_sets (
    id                      text    PRIMARY KEY,
    effective_from          date    NOT NULL,
    minutes_per_credit_hour integer NOT NULL CHECK (minutes_per_credit_hour > 0),
    professions             text[]  NOT NULL,
    rates                   jsonb   NOT NULL,
    sequence                bigint  NOT NULL
);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_chassis_tables(connection)
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("decisions are never thrown away; restore a backup instead")
