"""The secret links of units' calendars."""

from alembic import op

revision = "0003"
down_revision = "0002"

LINKS = """
CREATE TABLE calendar_links (
    organisation_id uuid        PRIMARY KEY,
    -- SHA-256 of the token; the token itself is with the unit only
    token_digest    bytea       NOT NULL,
    made_at         timestamptz NOT NULL,
    made_by         uuid        NOT NULL
)
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(LINKS)
