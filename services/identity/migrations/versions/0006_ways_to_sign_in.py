"""Other ways to sign in, what failed attempts cost, and sessions that their owners recognise."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0006"
down_revision = "0005"

SESSIONS = """
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz;
ALTER TABLE sessions ADD COLUMN methods text[] NOT NULL DEFAULT '{pwd}';
ALTER TABLE sessions ADD COLUMN last_used_at timestamptz;
ALTER TABLE sessions ADD COLUMN device text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address_masked text NOT NULL DEFAULT '';
UPDATE sessions SET authenticated_at = started_at, last_used_at = started_at;
ALTER TABLE sessions ALTER COLUMN authenticated_at SET NOT NULL;
ALTER TABLE sessions ALTER COLUMN methods DROP DEFAULT;
ALTER TABLE sessions ALTER COLUMN last_used_at SET NOT NULL;
ALTER TABLE sessions ALTER COLUMN device DROP DEFAULT;
ALTER TABLE sessions ALTER COLUMN address_masked DROP DEFAULT;
CREATE TABLE sign_in_history (
    id             uuid        PRIMARY KEY,
    -- null: a name that nobody has
    account_id     uuid        REFERENCES accounts,
    at             timestamptz NOT NULL,
    outcome        text        NOT NULL CHECK (outcome IN ('succeeded', 'refused', 'second_factor_refused')),
    methods        text[]      NOT NULL,
    device         text        NOT NULL,
    address_masked text        NOT NULL,
    session_id     uuid,
    CONSTRAINT only_a_success_begins_a_session CHECK ((outcome = 'succeeded') = (session_id IS NOT NULL))
);
CREATE INDEX sign_in_history_by_account ON sign_in_history (account_id, at);
CREATE INDEX sign_in_history_by_time ON sign_in_history (at);
CREATE TABLE sign_in_challenges (
    -- SHA-256 of the value; the value itself is with the client only
    digest     bytea       PRIMARY KEY,
    purpose    text        NOT NULL,
    account_id uuid        REFERENCES accounts,
    device     bytea,
    failures   integer     NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_challenges_by_expiry ON sign_in_challenges (expires_at);
"""

LOCKOUT = """
CREATE TABLE sign_in_failures (
    kind        text        NOT NULL,
    -- of names and addresses a keyed hash: people type passwords into the field for the name
    subject     bytea       NOT NULL,
    failures    integer     NOT NULL,
    forget_at   timestamptz NOT NULL,
    waits_until timestamptz,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX sign_in_failures_by_end ON sign_in_failures (forget_at);
CREATE TABLE known_devices (
    digest       bytea       PRIMARY KEY,
    account_id   uuid        NOT NULL REFERENCES accounts,
    device       text        NOT NULL,
    known_since  timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL
);
CREATE INDEX known_devices_by_account ON known_devices (account_id, last_used_at);
"""

AUTHENTICATORS = """
CREATE TABLE one_time_code_secrets (
    account_id    uuid        PRIMARY KEY REFERENCES accounts,
    -- AES-256-GCM; whoever has the secret can make every code
    secret_sealed bytea       NOT NULL,
    enrolled_at   timestamptz NOT NULL,
    confirmed_at  timestamptz,
    -- the time step of the newest code that was used: no code counts twice
    last_step     bigint      NOT NULL
);
CREATE TABLE recovery_codes (
    account_id uuid        NOT NULL REFERENCES accounts,
    digest     bytea       NOT NULL,
    issued_at  timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (account_id, digest)
);
CREATE TABLE passkeys (
    id            uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES accounts,
    credential_id bytea       NOT NULL UNIQUE,
    public_key    bytea       NOT NULL,
    sign_count    bigint      NOT NULL,
    label         text        NOT NULL,
    transports    text[]      NOT NULL,
    backed_up     boolean     NOT NULL,
    registered_at timestamptz NOT NULL,
    last_used_at  timestamptz,
    suspended_at  timestamptz
);
CREATE INDEX passkeys_by_account ON passkeys (account_id);
CREATE TABLE certificate_cards (
    id            uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES accounts,
    -- SHA-256 of the certificate
    fingerprint   bytea       NOT NULL UNIQUE,
    holder        text        NOT NULL,
    authority     text        NOT NULL,
    valid_until   timestamptz NOT NULL,
    registered_at timestamptz NOT NULL,
    last_used_at  timestamptz
);
CREATE INDEX certificate_cards_by_account ON certificate_cards (account_id);
"""


def upgrade() -> None:
    for script in (SESSIONS, LOCKOUT, AUTHENTICATORS):
        for statement in statements(script):
            op.get_bind().exec_driver_sql(statement)
