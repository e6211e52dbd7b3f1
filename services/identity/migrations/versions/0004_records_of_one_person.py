"""Former identities and merged records, institutions, professions that another system handles."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0004"
down_revision = "0003"

MERGES = """
ALTER TABLE practitioners ADD COLUMN merged_into uuid REFERENCES practitioners;
ALTER TABLE practitioners ADD CONSTRAINT not_merged_into_itself CHECK (merged_into <> id);
CREATE INDEX practitioners_merged ON practitioners (merged_into) WHERE merged_into IS NOT NULL;

-- What somebody was called until then; written when number, name or national ID change, never changed itself.
CREATE TABLE former_identities (
    id                 uuid        PRIMARY KEY,
    practitioner_id    uuid        NOT NULL REFERENCES practitioners,
    number             text        NOT NULL,
    name               text        NOT NULL,
    national_id_index  text        NOT NULL,
    national_id_sealed bytea       NOT NULL,
    national_id_masked text        NOT NULL,
    until              timestamptz NOT NULL,
    reason             text        NOT NULL
);
CREATE INDEX former_identities_by_national_id ON former_identities (national_id_index);
CREATE INDEX former_identities_by_practitioner ON former_identities (practitioner_id);

CREATE TABLE practitioner_merges (
    id                uuid        PRIMARY KEY,
    former_id         uuid        NOT NULL REFERENCES practitioners,
    survivor_id       uuid        NOT NULL REFERENCES practitioners,
    reason            text        NOT NULL,
    merged_at         timestamptz NOT NULL,
    merged_by         uuid,
    moved_accounts    uuid[]      NOT NULL,
    separated_at      timestamptz,
    separated_by      uuid,
    separation_reason text
);
CREATE UNIQUE INDEX merged_once_at_a_time ON practitioner_merges (former_id) WHERE separated_at IS NULL;
CREATE INDEX merges_by_survivor ON practitioner_merges (survivor_id);
"""

INSTITUTIONS = """
CREATE TABLE institutions (
    code       text        PRIMARY KEY CHECK (code ~ '^[0-9]{6}[0-9A-Z][0-9]{3}$'),
    name       text        NOT NULL,
    kind       text        NOT NULL,
    county     text        NOT NULL,
    active     boolean     NOT NULL,
    changed_at timestamptz NOT NULL
);
"""

PROFESSIONS = """
CREATE TABLE professions_elsewhere (
    profession text        PRIMARY KEY,
    since      date        NOT NULL,
    system     text        NOT NULL,
    address    text        NOT NULL,
    reason     text        NOT NULL,
    changed_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    for script in (MERGES, INSTITUTIONS, PROFESSIONS):
        for statement in statements(script):
            op.get_bind().exec_driver_sql(statement)
