"""Batches: who was asked about, in pieces, and the answers for as long as they are kept. Exports: what was issued.

Practitioners get the keyed index of their national ID. Rows that are there already get it when identity says them again:
`python -m cec_identity republish --to credits`.
"""

from alembic import op

from cec_chassis.database.schema import statements

revision = "batch_and_exports"
down_revision = "reconciliation_and_rebuild"

SQL = """
ALTER TABLE practitioners
    ADD COLUMN national_id_index          text,
    ADD COLUMN former_national_id_indexes text[] NOT NULL DEFAULT '{}';
CREATE INDEX practitioners_by_national_id ON practitioners (national_id_index);
CREATE INDEX practitioners_by_former_national_id ON practitioners USING gin (former_national_id_indexes);
CREATE INDEX practitioners_by_number ON practitioners (number);
CREATE INDEX practitioners_by_certificate ON practitioners USING gin (certificates jsonb_path_ops);

CREATE TABLE batch_jobs (
    batch_id     uuid        PRIMARY KEY,
    requested_by uuid        NOT NULL,
    role         text        NOT NULL,
    request_id   text,
    question     jsonb       NOT NULL,
    state        text        NOT NULL CONSTRAINT batch_state CHECK (state IN ('queued', 'running', 'done', 'failed')),
    rows_total   integer     NOT NULL,
    rows_done    integer     NOT NULL DEFAULT 0,
    error        text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    expires_at   timestamptz NOT NULL,
    removed_at   timestamptz
);
CREATE INDEX batch_jobs_by_expiry ON batch_jobs (expires_at) WHERE removed_at IS NULL;

CREATE TABLE batch_pieces (
    batch_id uuid    NOT NULL REFERENCES batch_jobs (batch_id) ON DELETE CASCADE,
    piece    integer NOT NULL,
    asked    jsonb   NOT NULL,
    answered text,
    PRIMARY KEY (batch_id, piece)
);
CREATE INDEX batch_pieces_open ON batch_pieces (piece, batch_id) WHERE answered IS NULL;

CREATE TABLE issued_statements (
    token           text        PRIMARY KEY,
    practitioner_id uuid        NOT NULL,
    profession      text        NOT NULL,
    kind            text        NOT NULL CONSTRAINT issued_kind CHECK (kind IN ('statement', 'course_records')),
    as_of           date        NOT NULL,
    known_by        timestamptz,
    since           date,
    until           date,
    version         bigint,
    digest          text        NOT NULL,
    totals          jsonb       NOT NULL,
    issued_at       timestamptz NOT NULL,
    issued_by       uuid        NOT NULL
);
CREATE INDEX issued_by_practitioner ON issued_statements (practitioner_id, profession);
CREATE TRIGGER issued_statements_append_only BEFORE UPDATE OR DELETE ON issued_statements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE test_signing_identity (
    only_one    boolean PRIMARY KEY DEFAULT true CONSTRAINT test_identity_only_one CHECK (only_one),
    certificate text    NOT NULL,
    chain       text    NOT NULL,
    private_key text    NOT NULL
);
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("facts are never thrown away; restore a backup instead")
