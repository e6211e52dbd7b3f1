"""The copy of practitioners knows which records were merged into others."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE practitioners ADD COLUMN merged_into uuid")
    op.get_bind().exec_driver_sql(
        "CREATE INDEX practitioners_merged ON practitioners (merged_into) WHERE merged_into IS NOT NULL"
    )
