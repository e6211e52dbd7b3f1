"""The chassis tables, and identity's own: practitioners, organisations, accounts, sessions, signing keys."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import create_chassis_tables, statements

revision = "0001"
down_revision = None

PRACTITIONERS = """
CREATE TABLE practitioners (
    id                 uuid        PRIMARY KEY,
    number             text        NOT NULL UNIQUE,
    name               text        NOT NULL,
    national_id_index  text        NOT NULL UNIQUE CHECK (national_id_index ~ '^[0-9a-f]{64}$'),
    -- AES-256-GCM; the plain number stands nowhere
    national_id_sealed bytea       NOT NULL,
    national_id_masked text        NOT NULL,
    active             boolean     NOT NULL,
    version            bigint      NOT NULL CHECK (version > 0),
    registered_at      timestamptz NOT NULL,
    changed_at         timestamptz NOT NULL
);
CREATE TABLE certificates (
    practitioner_id uuid NOT NULL REFERENCES practitioners,
    profession      text NOT NULL,
    number          text NOT NULL,
    issued_on       date NOT NULL,
    PRIMARY KEY (practitioner_id, profession)
);
CREATE INDEX certificates_by_number ON certificates (number);
CREATE TABLE licences (
    id               uuid PRIMARY KEY,
    practitioner_id  uuid NOT NULL REFERENCES practitioners,
    profession       text NOT NULL,
    valid_from       date NOT NULL,
    valid_until      date NOT NULL CHECK (valid_until >= valid_from),
    extended_until   date CHECK (extended_until >= valid_until),
    institution_code text NOT NULL,
    county           text NOT NULL,
    UNIQUE (practitioner_id, profession, valid_from)
);
CREATE TABLE practice_areas (
    practitioner_id uuid NOT NULL REFERENCES practitioners,
    since           date NOT NULL,
    area            text NOT NULL CHECK (area IN ('ordinary', 'remote', 'offshore')),
    PRIMARY KEY (practitioner_id, since)
);
"""

ACCOUNTS = """
CREATE TABLE organisations (
    id                  uuid        PRIMARY KEY,
    code                text        NOT NULL UNIQUE,
    name                text        NOT NULL,
    kind                text        NOT NULL,
    county              text        NOT NULL,
    offers_courses      boolean     NOT NULL,
    reviews_courses     boolean     NOT NULL,
    reviews_professions text[]      NOT NULL,
    active              boolean     NOT NULL,
    version             bigint      NOT NULL CHECK (version > 0),
    registered_at       timestamptz NOT NULL,
    changed_at          timestamptz NOT NULL
);
CREATE TABLE accounts (
    id              uuid        PRIMARY KEY,
    name            text        NOT NULL,
    -- the name in half width and lower case: by what two names are the same
    name_key        text        NOT NULL UNIQUE,
    role            text        NOT NULL CHECK (role IN ('practitioner', 'offering_unit', 'review_unit',
                                                         'committee_member', 'system_administrator', 'other_system')),
    organisation_id uuid        REFERENCES organisations,
    practitioner_id uuid        REFERENCES practitioners,
    password_hash   text        NOT NULL,
    active          boolean     NOT NULL,
    version         bigint      NOT NULL CHECK (version > 0),
    opened_at       timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL
);
CREATE INDEX accounts_by_organisation ON accounts (organisation_id);
CREATE UNIQUE INDEX one_account_of_a_practitioner ON accounts (practitioner_id) WHERE role = 'practitioner';
CREATE TABLE sessions (
    id         uuid        PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES accounts,
    started_at timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    ended_at   timestamptz,
    end_reason text
);
CREATE INDEX open_sessions_by_account ON sessions (account_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (ends_at);
CREATE TABLE refresh_tokens (
    -- SHA-256 of the token; the token itself is with its owner only
    digest     bytea       PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
"""

SIGNING_KEYS = """
CREATE TABLE signing_key_pairs (
    kid            text        PRIMARY KEY,
    public_jwk     jsonb       NOT NULL,
    -- AES-256-GCM; gone when the key retires, so that nobody can sign with it any more
    private_sealed bytea,
    status         text        NOT NULL CHECK (status IN ('current', 'next', 'retired')),
    not_before     timestamptz NOT NULL,
    retires_at     timestamptz,
    made_at        timestamptz NOT NULL,
    CONSTRAINT only_retired_keys_have_no_private_half CHECK ((status = 'retired') = (private_sealed IS NULL))
);
CREATE UNIQUE INDEX one_current_key ON signing_key_pairs (status) WHERE status = 'current';
CREATE UNIQUE INDEX one_next_key ON signing_key_pairs (status) WHERE status = 'next';
CREATE TABLE signing_key_set (
    only_row boolean PRIMARY KEY CONSTRAINT one_row CHECK (only_row),
    version  bigint  NOT NULL
);
"""


def upgrade() -> None:
    create_chassis_tables(op.get_bind())
    for script in (PRACTITIONERS, ACCOUNTS, SIGNING_KEYS):
        for statement in statements(script):
            op.get_bind().exec_driver_sql(statement)
