"""The tables every service has, as SQL for its first migration.

A text here is frozen once it has landed: databases exist that were made by it. A change is a new constant with a
new number, executed by a new migration of each service.
"""

from __future__ import annotations

from sqlalchemy import Connection

OUTBOX_SQL = """
CREATE SEQUENCE outbox_seq;

-- Kept after sending: the source of republish and of replay for other systems. Partitioned by month so that
-- retention is a DROP of a partition, which costs nothing, and not a DELETE, which costs a vacuum.
CREATE TABLE outbox (
    seq            bigint      NOT NULL DEFAULT nextval('outbox_seq'),
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    id             uuid        NOT NULL,
    type           text        NOT NULL,
    subject        text        NOT NULL,
    sequence       bigint      NOT NULL CHECK (sequence > 0),
    occurred_at    timestamptz NOT NULL,
    data           jsonb       NOT NULL,
    traceparent    text,
    tracestate     text,
    correlation_id uuid,
    causation_id   uuid,
    -- the writing transaction: lets a reader by position wait for those that are still open
    xid            xid8        NOT NULL DEFAULT pg_current_xact_id(),
    published_at   timestamptz,
    attempts       integer     NOT NULL DEFAULT 0,
    next_try_at    timestamptz,
    last_error     text,
    PRIMARY KEY (seq, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX outbox_unpublished ON outbox (seq) WHERE published_at IS NULL;
CREATE INDEX outbox_by_subject ON outbox (subject, sequence);
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

CREATE FUNCTION ensure_outbox_partitions(months integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    until date;
    name  text;
BEGIN
    FOR step IN 0..months LOOP
        until := month + interval '1 month';
        name := 'outbox_' || to_char(month, 'YYYY_MM');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)',
                           name, month || ' 00:00:00+00', until || ' 00:00:00+00');
        END IF;
        month := until;
    END LOOP;
END $$;
SELECT ensure_outbox_partitions(3);
"""

INBOX_SQL = """
-- One row for each event a consumer has taken in. Scoped by consumer: a shared scope would swallow the second one's copy.
CREATE TABLE inbox (
    consumer    text        NOT NULL,
    event_id    uuid        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_by_age ON inbox USING brin (received_at);
"""

PARKED_SQL = """
-- Messages that could not be taken in, with the reason, until somebody redrives or discards them.
CREATE TABLE parked_messages (
    id              uuid        PRIMARY KEY,
    consumer        text        NOT NULL,
    message_key     text        NOT NULL,
    type            text        NOT NULL DEFAULT '',
    subject         text        NOT NULL DEFAULT '',
    body            bytea       NOT NULL,
    headers         jsonb       NOT NULL,
    reason          text        NOT NULL,
    error           text        NOT NULL,
    attempts        integer     NOT NULL,
    state           text        NOT NULL CHECK (state IN ('parked', 'redriven', 'discarded')),
    times_parked    integer     NOT NULL DEFAULT 1,
    first_parked_at timestamptz NOT NULL DEFAULT now(),
    parked_at       timestamptz NOT NULL DEFAULT now(),
    decided_by      text,
    decided_at      timestamptz,
    UNIQUE (consumer, message_key)
);
CREATE INDEX parked_open ON parked_messages (consumer, reason) WHERE state = 'parked';
"""

AUDIT_SQL = """
CREATE TABLE audit_log (
    id           uuid        PRIMARY KEY,
    at           timestamptz NOT NULL,
    account_id   uuid,
    role         text,
    action       text        NOT NULL,
    subject_type text        NOT NULL,
    subject_id   text        NOT NULL,
    reason       text        NOT NULL,
    before       jsonb,
    after        jsonb,
    request_id   text
);
CREATE INDEX audit_by_subject ON audit_log (subject_type, subject_id, at);
CREATE INDEX audit_by_account ON audit_log (account_id, at);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

IDEMPOTENCY_SQL = """
-- The answer to a command, kept under the key its caller gave, written in the command's own transaction.
CREATE TABLE idempotency_keys (
    account_id   uuid        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    status       smallint,
    content_type text,
    body         bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency_keys USING brin (created_at);
"""

SIGNING_KEYS_SQL = """
-- This service's copy of the public keys that sign access tokens, fed by events.
CREATE TABLE signing_keys (
    kid        text        PRIMARY KEY,
    public_jwk jsonb       NOT NULL,
    status     text        NOT NULL,
    not_before timestamptz NOT NULL,
    retires_at timestamptz,
    sequence   bigint      NOT NULL
);
"""

AUDIT_CHAIN_SQL = """
-- Who, in words that hold when the account is long gone; and whether the row tells of a look at somebody's data.
ALTER TABLE audit_log ADD COLUMN actor_name text;
ALTER TABLE audit_log ADD COLUMN organisation_id uuid;
ALTER TABLE audit_log ADD COLUMN look boolean NOT NULL DEFAULT false;
CREATE INDEX audit_by_time ON audit_log USING brin (at);
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The chain: each row's hash takes in the one before it. Written by one sealer behind the writers, in the order in
-- which it sees them, so that nobody who writes waits for anybody else.
CREATE TABLE audit_seals (
    position  bigint      PRIMARY KEY CHECK (position > 0),
    entry_id  uuid        NOT NULL,
    hash      bytea       NOT NULL CHECK (octet_length(hash) = 32),
    sealed_at timestamptz NOT NULL
);
CREATE TRIGGER seals_append_only BEFORE UPDATE OR DELETE ON audit_seals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seals_not_emptied BEFORE TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What waits for its seal. A list and not a position in the log: a transaction that commits late has an early row.
CREATE TABLE audit_unsealed (
    entry_id    uuid        NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
CREATE FUNCTION list_for_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (entry_id) SELECT id FROM written;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_written AFTER INSERT ON audit_log
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION list_for_sealing();
INSERT INTO audit_unsealed (entry_id, recorded_at) SELECT id, at FROM audit_log ORDER BY id;

-- Even the owner of the tables must first give themselves the right to change what has been written.
REVOKE UPDATE, DELETE, TRUNCATE ON audit_log, audit_seals FROM PUBLIC, CURRENT_USER;
"""

OUTBOX_BULK_SQL = """
-- Whoever tells many events at once says so: they wait for single ones, and travel in a lane of their own.
ALTER TABLE outbox ADD COLUMN bulk boolean NOT NULL DEFAULT false;
DROP INDEX outbox_unpublished;
CREATE INDEX outbox_unpublished ON outbox (bulk, seq) WHERE published_at IS NULL;
"""

CHASSIS_0001 = (OUTBOX_SQL, INBOX_SQL, PARKED_SQL, AUDIT_SQL, IDEMPOTENCY_SQL, SIGNING_KEYS_SQL)
"""Everything the first migration of a service makes before its own tables."""

CHASSIS_NOW = (*CHASSIS_0001, AUDIT_CHAIN_SQL, OUTBOX_BULK_SQL)
"""Everything as it stands after the newest migration; for a database that begins today, such as a test's."""

FORGET_OUTBOX = """
DO $$
DECLARE
    partition regclass;
    month     date;
    unsent    boolean;
BEGIN
    FOR partition IN
        SELECT inhrelid::regclass FROM pg_inherits
        WHERE inhparent = 'outbox'::regclass AND inhrelid::regclass::text ~ '^outbox_[0-9]{4}_[0-9]{2}$'
    LOOP
        month := to_date(right(partition::text, 7), 'YYYY_MM');
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE published_at IS NULL)', partition) INTO unsent;
        IF month < date_trunc('month', now() AT TIME ZONE 'UTC') - @months * interval '1 month' AND NOT unsent THEN
            EXECUTE format('DROP TABLE %s', partition);
        END IF;
    END LOOP;
END $$
"""
"""Drops monthly partitions that are older than so many whole months, never one with a row that is not sent yet."""

CHASSIS_TABLES = frozenset(
    {
        "outbox",
        "inbox",
        "parked_messages",
        "audit_log",
        "audit_seals",
        "audit_unsealed",
        "idempotency_keys",
        "signing_keys",
    }
)


def create_chassis_tables(connection: Connection, scripts: tuple[str, ...] = CHASSIS_0001) -> None:
    """For a migration: `create_chassis_tables(op.get_bind())`."""
    for script in scripts:
        for statement in statements(script):
            connection.exec_driver_sql(statement)


def statements(script: str) -> list[str]:
    """Splits a script at semicolons that end a line outside `$$` bodies; the driver takes one statement at a time."""
    found: list[str] = []
    current: list[str] = []
    inside_body = False
    for line in script.splitlines():
        current.append(line)
        if line.count("$$") % 2:
            inside_body = not inside_body
        if not inside_body and line.rstrip().endswith(";"):
            found.append("\n".join(current).strip().removesuffix(";"))
            current = []
    rest = "\n".join(current).strip()
    if rest:
        found.append(rest)
    return found
