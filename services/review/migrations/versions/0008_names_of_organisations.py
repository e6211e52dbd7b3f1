"""The copy of organisations, by name: lecturers read which unit looked at a submission that names them."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

NAMES = """
CREATE TABLE organisations (
    id       uuid   PRIMARY KEY,
    name     text   NOT NULL,
    sequence bigint NOT NULL
)
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(NAMES)
