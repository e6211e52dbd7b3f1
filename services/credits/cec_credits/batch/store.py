"""Tables of batch jobs: the job, and its rows in pieces that workers take one by one.

A piece holds what was asked (national IDs as their index only) until it holds the answer. Both go when the time is up;
the job's own row stays.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from cec_credits.tables import metadata

batch_jobs = Table(
    "batch_jobs",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("requested_by", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("request_id", Text),
    Column("question", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("rows_total", Integer, nullable=False),
    Column("rows_done", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="batch_state"),
)
Index("batch_jobs_by_expiry", batch_jobs.c.expires_at, postgresql_where=text("removed_at IS NULL"))

batch_pieces = Table(
    "batch_pieces",
    metadata,
    Column("batch_id", Uuid, ForeignKey("batch_jobs.batch_id", ondelete="CASCADE"), primary_key=True),
    Column("piece", Integer, primary_key=True),
    Column("asked", JSONB, nullable=False),
    Column("answered", Text),
)
Index("batch_pieces_open", batch_pieces.c.piece, batch_pieces.c.batch_id, postgresql_where=text("answered IS NULL"))

INSERT_JOB = """
INSERT INTO batch_jobs (batch_id, requested_by, role, request_id, question, state, rows_total, created_at, expires_at)
VALUES (:batch_id, :requested_by, :role, :request_id, CAST(:question AS jsonb), 'queued', :rows_total, :now, :expires_at)
"""
INSERT_PIECES = """
INSERT INTO batch_pieces (batch_id, piece, asked)
SELECT :batch_id, u.place - 1, u.asked FROM unnest(CAST(:asked AS jsonb[])) WITH ORDINALITY AS u(asked, place)
"""
SELECT_JOB = """
SELECT batch_id, requested_by, CAST(question AS text) AS question, state, rows_total, rows_done, error, created_at,
       finished_at, expires_at, removed_at
FROM batch_jobs WHERE batch_id = :batch_id
"""
SELECT_ANSWERS = "SELECT answered FROM batch_pieces WHERE batch_id = :batch_id ORDER BY piece"
CLAIM = """
SELECT p.batch_id, p.piece, CAST(p.asked AS text) AS asked, CAST(j.question AS text) AS question,
       j.requested_by, j.role, j.request_id
FROM batch_pieces p JOIN batch_jobs j USING (batch_id)
WHERE p.answered IS NULL AND j.state IN ('queued', 'running')
ORDER BY p.piece, p.batch_id LIMIT 1
FOR UPDATE OF p SKIP LOCKED
"""
"""By piece before job: a short job is not kept waiting by a long one that came first."""
KEEP_ANSWER = """
UPDATE batch_pieces SET answered = :answered, asked = '[]' WHERE batch_id = :batch_id AND piece = :piece
"""
PROGRESS = """
UPDATE batch_jobs SET
    rows_done = rows_done + :rows,
    state = CASE WHEN rows_done + :rows >= rows_total THEN 'done' ELSE 'running' END,
    finished_at = CASE WHEN rows_done + :rows >= rows_total THEN CAST(:now AS timestamptz) END
WHERE batch_id = :batch_id
"""
FAIL = """
UPDATE batch_jobs SET state = 'failed', error = :error, finished_at = :now
WHERE batch_id = :batch_id AND state IN ('queued', 'running')
"""
REMOVE_EXPIRED = """
WITH gone AS (
    UPDATE batch_jobs SET removed_at = :now WHERE removed_at IS NULL AND expires_at <= :now RETURNING batch_id
)
DELETE FROM batch_pieces p USING gone WHERE p.batch_id = gone.batch_id
"""
STOP_EXPIRED = """
UPDATE batch_jobs SET state = 'failed', error = 'expired', finished_at = :now
WHERE state IN ('queued', 'running') AND expires_at <= :now
"""
