"""Attendances, and the copies of practitioners and approved courses."""

from alembic import op

from cec_chassis.database.schema import create_chassis_tables, statements

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE practitioners (
    practitioner_id            uuid    PRIMARY KEY,
    number                     text    NOT NULL,
    name                       text    NOT NULL,
    national_id_index          text    NOT NULL,
    former_national_id_indexes text[]  NOT NULL,
    national_id_masked         text    NOT NULL,
    professions                text[]  NOT NULL,
    active                     boolean NOT NULL,
    sequence                   bigint  NOT NULL
);
CREATE INDEX practitioners_by_number ON practitioners (number);
CREATE INDEX practitioners_by_national_id ON practitioners (national_id_index);
CREATE INDEX practitioners_by_former_national_id ON practitioners USING gin (former_national_id_indexes)
    WHERE former_national_id_indexes <> '{}';

CREATE TABLE approved_courses (
    course_id          uuid        PRIMARY KEY,
    course_code        text        NOT NULL,
    course_title       text        NOT NULL,
    activity_id        uuid        NOT NULL,
    activity_code      text        NOT NULL,
    activity_title     text        NOT NULL,
    offering_unit_id   uuid        NOT NULL,
    offering_unit_name text        NOT NULL,
    review_unit_id     uuid        NOT NULL,
    starts_at          timestamptz NOT NULL,
    ends_at            timestamptz NOT NULL,
    minutes            integer     NOT NULL,
    awards             jsonb       NOT NULL,
    roster_deadline    date        NOT NULL,
    status             text        NOT NULL,
    decided_at         timestamptz NOT NULL,
    sequence           bigint      NOT NULL
);
CREATE INDEX approved_courses_by_code ON approved_courses (course_code);
CREATE INDEX approved_courses_by_unit ON approved_courses (offering_unit_id, starts_at);
CREATE INDEX approved_courses_by_reviewer ON approved_courses (review_unit_id, starts_at);

-- No foreign keys to the copies above: those are rebuilt from events, in any order, while rosters stay.
CREATE TABLE attendances (
    attendance_id   uuid        PRIMARY KEY,
    course_id       uuid        NOT NULL,
    activity_id     uuid        NOT NULL,
    practitioner_id uuid        NOT NULL,
    profession      text        NOT NULL,
    role            text        NOT NULL,
    minutes         integer              CHECK (minutes > 0),
    status          text        NOT NULL CONSTRAINT attendances_status CHECK (status IN ('recorded', 'withdrawn')),
    reason          text        NOT NULL,
    version         bigint      NOT NULL CHECK (version > 0),
    recorded_at     timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX attendances_once ON attendances (course_id, practitioner_id, role);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_chassis_tables(connection)
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("rosters are never thrown away; restore a backup instead")
