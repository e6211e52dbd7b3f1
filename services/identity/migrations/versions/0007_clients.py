"""Clients: machine accounts and applications, their secrets, what people granted to them, codes and tokens."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0007"
down_revision = "0006"

CLIENTS = """
CREATE TABLE clients (
    id                        uuid        PRIMARY KEY,
    kind                      text        NOT NULL CHECK (kind IN ('machine', 'application')),
    name                      text        NOT NULL UNIQUE CHECK (name <> ''),
    organisation_id           uuid        REFERENCES organisations,
    authentication            text        NOT NULL CHECK (authentication IN ('client_secret', 'private_key_jwt', 'none')),
    scopes                    text[]      NOT NULL,
    audiences                 text[]      NOT NULL,
    public_keys               jsonb,
    redirect_uris             text[]      NOT NULL,
    post_logout_redirect_uris text[]      NOT NULL,
    launch_url                text        NOT NULL,
    roles                     text[]      NOT NULL,
    trusted                   boolean     NOT NULL,
    active                    boolean     NOT NULL,
    version                   bigint      NOT NULL CHECK (version > 0),
    registered_at             timestamptz NOT NULL,
    changed_at                timestamptz NOT NULL,
    CHECK ((authentication = 'private_key_jwt') = (public_keys IS NOT NULL)),
    CHECK (kind = 'application' OR (authentication <> 'none' AND cardinality(redirect_uris) = 0))
);
CREATE TABLE client_secrets (
    id         uuid        PRIMARY KEY,
    client_id  uuid        NOT NULL REFERENCES clients,
    -- HMAC-SHA-256; the secret stands nowhere
    digest     bytea       NOT NULL CHECK (octet_length(digest) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE INDEX client_secrets_by_client ON client_secrets (client_id);
"""

GRANTS = """
CREATE TABLE client_grants (
    id               uuid        PRIMARY KEY,
    client_id        uuid        NOT NULL REFERENCES clients,
    account_id       uuid        NOT NULL REFERENCES accounts,
    session_id       uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    scopes           text[]      NOT NULL,
    authenticated_at timestamptz NOT NULL,
    methods          text[]      NOT NULL,
    begun_at         timestamptz NOT NULL,
    ended_at         timestamptz,
    end_reason       text
);
CREATE INDEX open_grants_by_client ON client_grants (client_id) WHERE ended_at IS NULL;
CREATE INDEX grants_by_session ON client_grants (session_id);
CREATE TABLE authorization_codes (
    digest         bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    grant_id       uuid        NOT NULL REFERENCES client_grants ON DELETE CASCADE,
    redirect_uri   text        NOT NULL,
    nonce          text,
    code_challenge text        NOT NULL,
    issued_at      timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz
);
CREATE INDEX codes_by_grant ON authorization_codes (grant_id);
CREATE TABLE client_refresh_tokens (
    digest     bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    grant_id   uuid        NOT NULL REFERENCES client_grants ON DELETE CASCADE,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX client_refresh_tokens_by_grant ON client_refresh_tokens (grant_id);
CREATE TABLE client_consents (
    account_id uuid        NOT NULL REFERENCES accounts,
    client_id  uuid        NOT NULL REFERENCES clients,
    scopes     text[]      NOT NULL,
    given_at   timestamptz NOT NULL,
    PRIMARY KEY (account_id, client_id)
);
CREATE TABLE client_assertions (
    client_id  uuid        NOT NULL REFERENCES clients,
    jti        text        NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, jti)
);
CREATE INDEX assertions_by_end ON client_assertions (expires_at);
"""

# Both come with the portal and are granted to everybody by default; an administrator fills in where they are.
DEFAULT_APPLICATIONS = """
INSERT INTO clients (id, kind, name, authentication, scopes, audiences, redirect_uris, post_logout_redirect_uris,
                     launch_url, roles, trusted, active, version, registered_at, changed_at)
SELECT CAST(id AS uuid), 'application', name, 'none', CAST(scopes AS text[]), '{}', '{}', '{}', '',
       '{practitioner,offering_unit,review_unit,committee_member,system_administrator}', true, true, 1, now(), now()
FROM (VALUES
    ('0199e5a0-0000-7000-8000-000000000001', '積分管理系統', '{openid,profile,credits:read}'),
    ('0199e5a0-0000-7000-8000-000000000002', '報備支援系統', '{openid,profile}')
) AS known (id, name, scopes);
"""


def upgrade() -> None:
    connection = op.get_bind()
    for script in (CLIENTS, GRANTS, DEFAULT_APPLICATIONS):
        for statement in statements(script):
            connection.exec_driver_sql(statement)
