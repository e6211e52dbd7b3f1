"""What the standing said when a document was issued, for one that is about another day. Null in documents from before."""

from __future__ import annotations

from alembic import op

revision = "standing_beside_a_document"
down_revision = "purposes"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE issued_statements ADD COLUMN standing jsonb")
