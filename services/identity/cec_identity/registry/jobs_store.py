"""Tables of large imports, and the statements on them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from cec_identity.tables import metadata

_NONE_YET = text("0")

registry_imports = Table(
    "registry_imports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("about", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("requested_by", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rows_total", Integer, nullable=False),
    Column("rows_done", Integer, nullable=False, server_default=_NONE_YET),
    Column("created", Integer, nullable=False, server_default=_NONE_YET),
    Column("changed", Integer, nullable=False, server_default=_NONE_YET),
    Column("unchanged", Integer, nullable=False, server_default=_NONE_YET),
    Column("skipped", Integer, nullable=False, server_default=_NONE_YET),
    Column("refused", Integer, nullable=False, server_default=_NONE_YET),
    Column("events", Integer, nullable=False, server_default=_NONE_YET),
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("queued_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True)),
    CheckConstraint("about IN ('practitioners', 'institutions')"),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed')"),
    Index("registry_imports_by_age", "queued_at"),
)
registry_import_pieces = Table(
    "registry_import_pieces",
    metadata,
    Column("import_id", Uuid, ForeignKey("registry_imports.id"), primary_key=True),
    Column("piece", Integer, primary_key=True, autoincrement=False),
    Column("piece_rows", Integer, nullable=False),
    Column("rows_sealed", LargeBinary),
    Index("registry_pieces_open", "import_id", "piece", postgresql_where=text("rows_sealed IS NOT NULL")),
)
registry_import_results = Table(
    "registry_import_results",
    metadata,
    Column("import_id", Uuid, ForeignKey("registry_imports.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("result", Text, nullable=False),
    Column("practitioner_id", Uuid),
    Column("number", Text),
    Column("errors", JSONB, nullable=False),
    Column("warnings", JSONB, nullable=False),
)

INSERT_IMPORT = """
INSERT INTO registry_imports (id, about, dry_run, requested_by, role, request_id, state, rows_total, queued_at, expires_at)
VALUES (:id, :about, :dry_run, :requested_by, :role, :request_id, 'queued', :rows, :now, :expires_at)
"""
INSERT_PIECE = """
INSERT INTO registry_import_pieces (import_id, piece, piece_rows, rows_sealed) VALUES (:id, :piece, :rows, :sealed)
"""
SELECT_IMPORTS = """
SELECT id, about, dry_run, requested_by, state, rows_total, rows_done, created, changed, unchanged, skipped, refused,
       events, error, queued_at, finished_at, expires_at, removed_at
FROM registry_imports
"""
CLAIM = """
SELECT p.import_id, p.piece, p.rows_sealed, i.about, i.dry_run, i.requested_by, i.role, i.request_id
FROM registry_import_pieces p JOIN registry_imports i ON i.id = p.import_id
WHERE p.rows_sealed IS NOT NULL AND i.state IN ('queued', 'running')
ORDER BY i.queued_at, i.id, p.piece LIMIT 1
FOR UPDATE OF p SKIP LOCKED
"""
"""Files in the order in which they came: what a later one says shall stand in the end."""
TAKEN = "UPDATE registry_import_pieces SET rows_sealed = NULL WHERE import_id = :id AND piece = :piece"
KEEP_RESULTS = """
INSERT INTO registry_import_results (import_id, line, result, practitioner_id, number, errors, warnings)
SELECT :id, * FROM unnest(CAST(:lines AS integer[]), CAST(:results AS text[]), CAST(:people AS uuid[]),
                          CAST(:numbers AS text[]), CAST(:errors AS jsonb[]), CAST(:warnings AS jsonb[]))
"""
PROGRESS = """
UPDATE registry_imports SET
    rows_done = rows_done + :rows, created = created + :created, changed = changed + :changed,
    unchanged = unchanged + :unchanged, skipped = skipped + :skipped, refused = refused + :refused,
    events = events + :events,
    state = CASE WHEN rows_done + :rows >= rows_total THEN 'done' ELSE 'running' END,
    finished_at = CASE WHEN rows_done + :rows >= rows_total THEN CAST(:now AS timestamptz) END
WHERE id = :id
RETURNING state, created, changed, unchanged, skipped, refused, events
"""
FAIL = """
UPDATE registry_imports SET state = 'failed', error = :error, finished_at = :now
WHERE id = :id AND state IN ('queued', 'running')
"""
STOP_EXPIRED = """
UPDATE registry_imports SET state = 'failed', error = 'expired', finished_at = :now
WHERE state IN ('queued', 'running') AND expires_at <= :now
"""
EXPIRED = """
UPDATE registry_imports SET removed_at = :now
WHERE id IN (SELECT id FROM registry_imports WHERE removed_at IS NULL AND expires_at <= :now FOR UPDATE SKIP LOCKED)
RETURNING id
"""
REMOVE_PIECES = "DELETE FROM registry_import_pieces WHERE import_id = ANY(CAST(:ids AS uuid[]))"
REMOVE_RESULTS = "DELETE FROM registry_import_results WHERE import_id = ANY(CAST(:ids AS uuid[]))"
RESULTS = """
SELECT line, result, practitioner_id, number, CAST(errors AS text) AS errors, CAST(warnings AS text) AS warnings
FROM registry_import_results
WHERE import_id = :id AND line > :after AND (CAST(:result AS text) IS NULL OR result = :result)
ORDER BY line LIMIT :limit
"""
