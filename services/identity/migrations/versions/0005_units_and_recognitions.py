"""How units are reached, and the recognitions of review units with what was found in breach."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0005"
down_revision = "0004"

SCRIPT = """
ALTER TABLE organisations
    ADD COLUMN department text NOT NULL DEFAULT '',
    ADD COLUMN phone      text NOT NULL DEFAULT '',
    ADD COLUMN fax        text NOT NULL DEFAULT '',
    ADD COLUMN district   text NOT NULL DEFAULT '',
    ADD COLUMN street     text NOT NULL DEFAULT '',
    ADD COLUMN website    text NOT NULL DEFAULT '',
    ADD COLUMN head_name  text NOT NULL DEFAULT '',
    ADD COLUMN head_title text NOT NULL DEFAULT '';

CREATE TABLE recognitions (
    id              uuid        PRIMARY KEY,
    organisation_id uuid        NOT NULL REFERENCES organisations,
    -- empty: every profession
    professions     text[]      NOT NULL,
    applied_on      date        NOT NULL,
    valid_from      date        NOT NULL,
    valid_until     date        CONSTRAINT ends_after_it_begins CHECK (valid_until >= valid_from),
    document        text        NOT NULL,
    revoked_at      timestamptz,
    ground          text        CHECK (ground IN ('improper_review', 'improper_fees', 'obstruction', 'membership')),
    reason          text        NOT NULL,
    version         bigint      NOT NULL CHECK (version > 0),
    recognised_at   timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    CONSTRAINT revoked_on_a_ground CHECK ((revoked_at IS NULL) = (ground IS NULL))
);
CREATE INDEX recognitions_by_organisation ON recognitions (organisation_id);
CREATE TABLE recognition_breaches (
    id             uuid        PRIMARY KEY,
    recognition_id uuid        NOT NULL REFERENCES recognitions,
    course_ids     uuid[]      NOT NULL,
    decided_from   date,
    decided_until  date,
    reason         text        NOT NULL,
    found_at       timestamptz NOT NULL,
    CONSTRAINT courses_or_period CHECK ((cardinality(course_ids) = 0) = (decided_from IS NOT NULL)),
    CONSTRAINT period_has_two_days CHECK ((decided_from IS NULL) = (decided_until IS NULL)
                                          AND decided_from <= decided_until)
);
CREATE INDEX recognition_breaches_by_recognition ON recognition_breaches (recognition_id);
"""


def upgrade() -> None:
    for statement in statements(SCRIPT):
        op.get_bind().exec_driver_sql(statement)
