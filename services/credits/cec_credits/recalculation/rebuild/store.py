"""The tables of a rebuild: which stretches of practitioners are done, and which standings live work has touched meanwhile."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Integer, Table, Text, Uuid

from cec_credits.tables import metadata

rebuild_chunks = Table(
    "rebuild_chunks",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("through", Uuid, nullable=False),
    Column("standings", Integer),
    Column("failed", Integer),
    Column("done_at", DateTime(timezone=True)),
)
rebuild_touched = Table(
    "rebuild_touched",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("profession", Text, primary_key=True),
)
