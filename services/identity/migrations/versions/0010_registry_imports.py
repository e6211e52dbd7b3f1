"""Large imports of the registry: jobs, their pieces, and what became of every row."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0010"
down_revision = "0009"

SCRIPT = """
CREATE TABLE registry_imports (
    id           uuid        PRIMARY KEY,
    about        text        NOT NULL CHECK (about IN ('practitioners', 'institutions')),
    dry_run      boolean     NOT NULL,
    requested_by uuid        NOT NULL,
    role         text        NOT NULL,
    request_id   text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    rows_total   integer     NOT NULL,
    rows_done    integer     NOT NULL DEFAULT 0,
    created      integer     NOT NULL DEFAULT 0,
    changed      integer     NOT NULL DEFAULT 0,
    unchanged    integer     NOT NULL DEFAULT 0,
    skipped      integer     NOT NULL DEFAULT 0,
    refused      integer     NOT NULL DEFAULT 0,
    events       integer     NOT NULL DEFAULT 0,
    error        text        NOT NULL DEFAULT '',
    queued_at    timestamptz NOT NULL,
    finished_at  timestamptz,
    expires_at   timestamptz NOT NULL,
    removed_at   timestamptz
);
CREATE INDEX registry_imports_by_age ON registry_imports (queued_at);

CREATE TABLE registry_import_pieces (
    import_id   uuid    NOT NULL REFERENCES registry_imports,
    piece       integer NOT NULL,
    piece_rows  integer NOT NULL,
    -- AES-256-GCM; gone as soon as the piece is taken in
    rows_sealed bytea,
    PRIMARY KEY (import_id, piece)
);
CREATE INDEX registry_pieces_open ON registry_import_pieces (import_id, piece) WHERE rows_sealed IS NOT NULL;

CREATE TABLE registry_import_results (
    import_id       uuid    NOT NULL REFERENCES registry_imports,
    line            integer NOT NULL,
    result          text    NOT NULL,
    practitioner_id uuid,
    number          text,
    errors          jsonb   NOT NULL,
    warnings        jsonb   NOT NULL,
    PRIMARY KEY (import_id, line)
);
"""


def upgrade() -> None:
    for statement in statements(SCRIPT):
        op.get_bind().exec_driver_sql(statement)
