"""The register of activities, and the facts from which attendance is counted."""

from alembic import op

from cec_chassis.database.schema import create_chassis_tables, statements

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE activities (
    activity_id        uuid        PRIMARY KEY,
    code               text        NOT NULL,
    title              text        NOT NULL,
    offering_unit_id   uuid        NOT NULL,
    offering_unit_name text        NOT NULL,
    review_unit_id     uuid        NOT NULL,
    method             text        NOT NULL,
    professions        text[]      NOT NULL,
    county             text        NOT NULL,
    place              text        NOT NULL,
    starts_on          date        NOT NULL,
    ends_on            date        NOT NULL,
    status             text        NOT NULL,
    submission         integer     NOT NULL,
    submitted_at       timestamptz NOT NULL,
    courses            integer     NOT NULL,
    sequence           bigint      NOT NULL,
    event_at           timestamptz NOT NULL
);
CREATE INDEX activities_by_day ON activities (starts_on, activity_id);
CREATE INDEX activities_by_unit ON activities (offering_unit_id, starts_on);
CREATE INDEX activities_by_event ON activities (event_at);

CREATE TABLE cases (
    case_id     uuid        PRIMARY KEY,
    activity_id uuid        NOT NULL,
    submission  integer     NOT NULL,
    status      text        NOT NULL,
    decided_at  timestamptz,
    sequence    bigint      NOT NULL,
    event_at    timestamptz NOT NULL
);
CREATE INDEX cases_by_activity ON cases (activity_id, submission);
CREATE INDEX cases_by_event ON cases (event_at);

CREATE TABLE courses (
    course_id        uuid        PRIMARY KEY,
    activity_id      uuid        NOT NULL,
    code             text        NOT NULL,
    title            text        NOT NULL,
    offering_unit_id uuid        NOT NULL,
    review_unit_id   uuid        NOT NULL,
    county           text        NOT NULL,
    held_on          date        NOT NULL,
    minutes          integer     NOT NULL,
    status           text        NOT NULL,
    sequence         bigint      NOT NULL,
    event_at         timestamptz NOT NULL
);
CREATE INDEX courses_by_day ON courses (held_on);
CREATE INDEX courses_by_unit ON courses (offering_unit_id, held_on);
CREATE INDEX courses_by_activity ON courses (activity_id);
CREATE INDEX courses_by_event ON courses (event_at);

-- No foreign keys: an attendance may arrive before its course, and is joined to it when both are here.
CREATE TABLE attendances (
    attendance_id   uuid        PRIMARY KEY,
    course_id       uuid        NOT NULL,
    practitioner_id uuid        NOT NULL,
    profession      text        NOT NULL,
    role            text        NOT NULL,
    status          text        NOT NULL,
    sequence        bigint      NOT NULL,
    event_at        timestamptz NOT NULL
);
CREATE INDEX attendances_counted ON attendances (course_id, profession, role, practitioner_id)
    WHERE status = 'recorded';
CREATE INDEX attendances_by_event ON attendances (event_at);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_chassis_tables(connection)
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("drop the database and rebuild it: every other service republishes what it told")
