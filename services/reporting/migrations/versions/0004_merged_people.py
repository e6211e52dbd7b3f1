"""Standings of records that were merged into others are not counted."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for statement in (
        "ALTER TABLE standings ADD COLUMN merged boolean NOT NULL DEFAULT false",
        "DROP INDEX standings_counted",
        "CREATE INDEX standings_counted ON standings (profession, closed_on, met) WHERE NOT merged",
    ):
        op.get_bind().exec_driver_sql(statement)
