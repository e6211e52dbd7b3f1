"""Profiles of accounts, the mails to people, proofs of work that were spent and what strangers tried."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0002"
down_revision = "0001"

PROFILES = """
CREATE TABLE account_profiles (
    account_id           uuid        PRIMARY KEY REFERENCES accounts,
    person_name          text        NOT NULL,
    email                text,
    -- the address in lower case: by what two addresses are the same
    email_key            text,
    email_verified_at    timestamptz,
    backup_email         text,
    phone                text,
    job_title            text,
    notify_announcements boolean     NOT NULL DEFAULT true,
    language             text        NOT NULL CHECK (language IN ('zh-Hant', 'en')),
    version              bigint      NOT NULL CHECK (version > 0),
    changed_at           timestamptz NOT NULL,
    CONSTRAINT address_with_its_key CHECK ((email IS NULL) = (email_key IS NULL)),
    CONSTRAINT only_an_address_is_verified CHECK (email_verified_at IS NULL OR email IS NOT NULL)
);
CREATE INDEX account_profiles_by_email ON account_profiles (email_key);
"""

MAILS = """
CREATE TABLE mails (
    id              uuid        PRIMARY KEY,
    dedupe_key      text        UNIQUE,
    template        text        NOT NULL,
    language        text        NOT NULL CHECK (language IN ('zh-Hant', 'en')),
    recipient       text        NOT NULL,
    account_id      uuid        REFERENCES accounts,
    bulk            boolean     NOT NULL,
    template_values jsonb       NOT NULL,
    -- AES-256-GCM; links with tokens. Gone as soon as the mail is delivered or useless
    secrets_sealed  bytea,
    state           text        NOT NULL CHECK (state IN ('waiting', 'sending', 'delivered', 'failed', 'bounced')),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    attempted_at    timestamptz,
    -- of a mail that is being sent: when another worker may take it over
    leased_until    timestamptz,
    useless_after   timestamptz,
    reason          text,
    queued_at       timestamptz NOT NULL,
    ended_at        timestamptz,
    CONSTRAINT leased_while_sending CHECK ((state = 'sending') = (leased_until IS NOT NULL)),
    CONSTRAINT ended_in_a_last_state CHECK ((state IN ('delivered', 'failed', 'bounced')) = (ended_at IS NOT NULL)),
    CONSTRAINT delivered_without_secrets CHECK (state <> 'delivered' OR secrets_sealed IS NULL)
);
CREATE INDEX mails_to_send ON mails (bulk, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX mails_being_sent ON mails (leased_until) WHERE state = 'sending';
CREATE INDEX mails_by_attempt ON mails (attempted_at);
CREATE INDEX mails_by_state ON mails (state, queued_at);
CREATE INDEX mails_by_account ON mails (account_id);
CREATE TABLE undeliverable_addresses (
    address text        PRIMARY KEY,
    since   timestamptz NOT NULL,
    reason  text        NOT NULL
);
"""

PROOFS = """
CREATE TABLE spent_proofs (
    nonce      text        PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX spent_proofs_by_expiry ON spent_proofs (expires_at);
CREATE TABLE attempts (
    purpose    text        NOT NULL,
    -- a keyed hash: whatever was tried (a national ID, an address) is not written down here
    subject    bytea       NOT NULL,
    window_end timestamptz NOT NULL,
    count      integer     NOT NULL,
    PRIMARY KEY (purpose, subject)
);
CREATE INDEX attempts_by_window ON attempts (window_end);
"""


def upgrade() -> None:
    for script in (PROFILES, MAILS, PROOFS):
        for statement in statements(script):
            op.get_bind().exec_driver_sql(statement)
