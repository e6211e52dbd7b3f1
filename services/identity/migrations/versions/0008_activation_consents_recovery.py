"""Activations of practitioners, consents to texts, and links by which people come back into their accounts."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0008"
down_revision = "0007"

CONSENTS = """
CREATE TABLE consents (
    account_id  uuid        NOT NULL REFERENCES accounts,
    kind        text        NOT NULL,
    version     text        NOT NULL,
    -- SHA-256 of the file of the text: what exactly was agreed to
    text_digest bytea       NOT NULL,
    given_at    timestamptz NOT NULL,
    PRIMARY KEY (account_id, kind, version)
);
"""

ACTIVATIONS = """
CREATE TABLE activations (
    id                uuid        PRIMARY KEY,
    practitioner_id   uuid        NOT NULL REFERENCES practitioners,
    state             text        NOT NULL CHECK (state IN ('matched', 'mailed', 'opened', 'superseded')),
    -- digests only: ticket and link are with their owner
    ticket_digest     bytea       NOT NULL UNIQUE,
    ticket_expires_at timestamptz NOT NULL,
    name              text,
    name_key          text,
    email             text,
    language          text        CHECK (language IN ('zh-Hant', 'en')),
    consent_version   text,
    consented_at      timestamptz,
    link_digest       bytea       UNIQUE,
    link_expires_at   timestamptz,
    mail_id           uuid,
    mails_sent        integer     NOT NULL DEFAULT 0,
    mailed_at         timestamptz,
    account_id        uuid        REFERENCES accounts,
    started_at        timestamptz NOT NULL,
    ended_at          timestamptz,
    CONSTRAINT mailed_with_everything CHECK (
        state <> 'mailed' OR (name IS NOT NULL AND name_key IS NOT NULL AND email IS NOT NULL AND language IS NOT NULL
        AND consented_at IS NOT NULL AND link_digest IS NOT NULL AND link_expires_at IS NOT NULL)),
    CONSTRAINT opened_with_its_account CHECK ((state = 'opened') = (account_id IS NOT NULL)),
    CONSTRAINT over_when_opened_or_superseded CHECK ((state IN ('opened', 'superseded')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_link_of_a_practitioner ON activations (practitioner_id) WHERE state = 'mailed';
CREATE UNIQUE INDEX one_activation_of_a_name ON activations (name_key) WHERE state = 'mailed';
CREATE INDEX activations_by_start ON activations (started_at);
"""

RECOVERY = """
CREATE TABLE recovery_requests (
    id           uuid        PRIMARY KEY,
    -- AES-256-GCM; what was typed may be anything, a password too. Gone within seconds
    who_sealed   bytea       NOT NULL,
    requested_at timestamptz NOT NULL
);
CREATE TABLE recovery_links (
    digest     bytea       PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES accounts,
    email      text        NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX recovery_links_by_account ON recovery_links (account_id, made_at);
"""


def upgrade() -> None:
    for script in (CONSENTS, ACTIVATIONS, RECOVERY):
        for statement in statements(script):
            op.get_bind().exec_driver_sql(statement)
