"""Activities with courses and lecturers, issued codes, and the copies of organisations and practitioners."""

from alembic import op

from cec_chassis.database.schema import create_chassis_tables, statements

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE activities (
    id               uuid        PRIMARY KEY,
    code             text        NOT NULL UNIQUE,
    offering_unit_id uuid        NOT NULL,
    review_unit_id   uuid        NOT NULL,
    title            text        NOT NULL,
    method           text        NOT NULL CHECK (method ~ '^M(0[1-9]|1[0-3])$'),
    professions      text[]      NOT NULL CHECK (cardinality(professions) > 0),
    starts_on        date        NOT NULL,
    ends_on          date        NOT NULL CHECK (ends_on >= starts_on),
    county           text        NOT NULL,
    place            text        NOT NULL,
    status           text        NOT NULL
        CHECK (status IN ('draft', 'submitted', 'withdrawn', 'returned', 'passed', 'failed')),
    submission       integer     NOT NULL CHECK (submission >= 0),
    submitted_at     timestamptz,
    comment          text        NOT NULL,
    version          bigint      NOT NULL CHECK (version > 0),
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CHECK (status = 'draft' OR (submission > 0 AND submitted_at IS NOT NULL))
);
CREATE INDEX activities_of_unit ON activities (offering_unit_id, id DESC);
CREATE INDEX activities_for_review ON activities (review_unit_id, id DESC);

CREATE TABLE courses (
    id                uuid        PRIMARY KEY,
    activity_id       uuid        NOT NULL REFERENCES activities (id),
    position          integer     NOT NULL,
    code              text        NOT NULL UNIQUE,
    title             text        NOT NULL,
    attribute         text        NOT NULL
        CHECK (attribute IN ('professional', 'quality', 'ethics', 'regulations')),
    infection_control boolean     NOT NULL,
    gender            boolean     NOT NULL,
    starts_at         timestamptz NOT NULL,
    ends_at           timestamptz NOT NULL CHECK (ends_at > starts_at),
    minutes           integer     NOT NULL CHECK (minutes > 0),
    place             text        NOT NULL
);
CREATE INDEX courses_of_activity ON courses (activity_id, position);

CREATE TABLE lecturers (
    id                  uuid        PRIMARY KEY,
    course_id           uuid        NOT NULL REFERENCES courses (id),
    position            integer     NOT NULL,
    name                text        NOT NULL,
    practitioner_number text,
    practitioner_id     uuid,
    starts_at           timestamptz NOT NULL,
    ends_at             timestamptz NOT NULL CHECK (ends_at > starts_at)
);
CREATE INDEX lecturers_of_course ON lecturers (course_id, position);

-- Codes are S or C, the Taipei day of issue, and a serial of that day: S202104010001. The counter row is locked until
-- the issuing transaction ends, so serials of a day have no gaps and no two activities share one.
CREATE TABLE code_serials (
    kind      text    NOT NULL,
    issued_on date    NOT NULL,
    last      integer NOT NULL,
    PRIMARY KEY (kind, issued_on)
);
CREATE FUNCTION issue_codes(of_kind text, today date, how_many integer) RETURNS SETOF text LANGUAGE sql AS $$
    WITH counter AS (
        INSERT INTO code_serials AS serials (kind, issued_on, last) VALUES (of_kind, today, how_many)
        ON CONFLICT (kind, issued_on) DO UPDATE SET last = serials.last + excluded.last
        RETURNING serials.last
    )
    -- the ten-thousandth of a day is one digit longer; lpad alone would cut it
    SELECT of_kind || to_char(today, 'YYYYMMDD') || lpad(serial::text, greatest(4, length(serial::text)), '0')
    FROM counter, generate_series(counter.last - how_many + 1, counter.last) AS serial
    ORDER BY serial
$$;

CREATE TABLE organisations (
    id                  uuid    PRIMARY KEY,
    name                text    NOT NULL,
    offers_courses      boolean NOT NULL,
    reviews_courses     boolean NOT NULL,
    reviews_professions text[]  NOT NULL,
    active              boolean NOT NULL,
    sequence            bigint  NOT NULL
);

CREATE TABLE practitioners (
    id       uuid    PRIMARY KEY,
    number   text    NOT NULL,
    active   boolean NOT NULL,
    sequence bigint  NOT NULL
);
CREATE INDEX practitioners_by_number ON practitioners (number);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_chassis_tables(connection)
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("applications are never thrown away; restore a backup instead")
