"""Applications for accounts, states of accounts, who their owners are, addresses to confirm, wishes for rights."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0011"
down_revision = "0010"

STATES = """
ALTER TABLE accounts
    ADD COLUMN state        text        NOT NULL DEFAULT 'active',
    ADD COLUMN state_by     text        CHECK (state_by IN ('owner', 'unit', 'administrator')),
    ADD COLUMN state_reason text        NOT NULL DEFAULT '',
    ADD COLUMN state_since  timestamptz NOT NULL DEFAULT '-infinity';
UPDATE accounts SET state_since = opened_at WHERE active;
UPDATE accounts SET state = 'disabled', state_by = 'administrator', state_since = changed_at WHERE NOT active;
ALTER TABLE accounts
    ALTER COLUMN state DROP DEFAULT,
    ALTER COLUMN state_reason DROP DEFAULT,
    ALTER COLUMN state_since DROP DEFAULT,
    ADD CONSTRAINT known_state CHECK (state IN ('active', 'disabled', 'suspended')),
    ADD CONSTRAINT active_is_a_state CHECK (active = (state = 'active'));
CREATE TABLE account_identities (
    account_id         uuid  PRIMARY KEY REFERENCES accounts,
    national_id_index  text  NOT NULL CHECK (national_id_index ~ '^[0-9a-f]{64}$'),
    -- AES-256-GCM; the plain number stands nowhere
    national_id_sealed bytea NOT NULL,
    national_id_masked text  NOT NULL
);
CREATE INDEX account_identities_by_national_id ON account_identities (national_id_index);
"""

WISHES = """
CREATE TABLE email_changes (
    account_id   uuid        PRIMARY KEY REFERENCES accounts,
    email        text        NOT NULL,
    token_digest bytea       NOT NULL UNIQUE,
    expires_at   timestamptz NOT NULL,
    asked_at     timestamptz NOT NULL
);
CREATE TABLE rights_requests (
    id              uuid        PRIMARY KEY,
    account_id      uuid        NOT NULL REFERENCES accounts,
    role            text        NOT NULL CHECK (role IN ('offering_unit', 'review_unit', 'committee_member')),
    organisation_id uuid        NOT NULL REFERENCES organisations,
    justification   text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('open', 'granted', 'refused')),
    reason          text        NOT NULL,
    asked_at        timestamptz NOT NULL,
    decided_at      timestamptz,
    decided_by      uuid,
    CONSTRAINT decided_by_somebody CHECK ((status = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX one_open_rights_request ON rights_requests (account_id) WHERE status = 'open';
CREATE INDEX rights_requests_by_status ON rights_requests (status, id);
"""

APPLICATIONS = """
CREATE SEQUENCE organisation_codes;
CREATE TABLE applications (
    id                   uuid        PRIMARY KEY,
    status               text        NOT NULL CHECK (status IN ('pending', 'approved', 'rejected')),
    name                 text        NOT NULL,
    name_key             text        NOT NULL,
    role                 text        NOT NULL CHECK (role IN ('offering_unit', 'review_unit', 'committee_member')),
    person_name          text        NOT NULL,
    national_id_index    text        NOT NULL CHECK (national_id_index ~ '^[0-9a-f]{64}$'),
    national_id_sealed   bytea       NOT NULL,
    national_id_masked   text        NOT NULL,
    email                text        NOT NULL,
    email_key            text        NOT NULL,
    backup_email         text,
    phone                text        NOT NULL,
    job_title            text        NOT NULL,
    notify_announcements boolean     NOT NULL,
    language             text        NOT NULL CHECK (language IN ('zh-Hant', 'en')),
    consent_version      text        NOT NULL,
    organisation_id      uuid        REFERENCES organisations,
    proposal             jsonb,
    reason               text        NOT NULL,
    submitted_at         timestamptz NOT NULL,
    decided_at           timestamptz,
    decided_by           uuid,
    account_id           uuid        REFERENCES accounts,
    -- SHA-256 of the reference; gone when it was used
    reference_digest     bytea       UNIQUE,
    reference_expires_at timestamptz,
    CONSTRAINT chosen_or_proposed CHECK (organisation_id IS NOT NULL OR proposal IS NOT NULL),
    CONSTRAINT decided_once CHECK ((status = 'pending') = (decided_at IS NULL)),
    CONSTRAINT approved_with_its_account CHECK ((status = 'approved') = (account_id IS NOT NULL))
);
CREATE UNIQUE INDEX one_application_for_a_name ON applications (name_key) WHERE status = 'pending';
CREATE INDEX applications_by_status ON applications (status, id);
CREATE INDEX applications_by_email ON applications (email_key);
"""


def upgrade() -> None:
    for script in (STATES, WISHES, APPLICATIONS):
        for statement in statements(script):
            op.get_bind().exec_driver_sql(statement)
