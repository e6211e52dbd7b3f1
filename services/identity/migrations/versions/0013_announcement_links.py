"""Announcements name links; videos and questions are categories of their own beside the manuals."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0013"
down_revision = "0012"

LINKS = """
ALTER TABLE announcements
    DROP CONSTRAINT announcements_category_check,
    ADD CONSTRAINT announcements_category_check CHECK (category IN (
        'system', 'sign_in_page', 'review_unit', 'regulations', 'downloads', 'videos', 'questions')) NOT VALID;
ALTER TABLE announcements VALIDATE CONSTRAINT announcements_category_check;
-- the default is for the texts that are there, and for code of the release before this one
ALTER TABLE announcement_versions ADD COLUMN links jsonb NOT NULL DEFAULT '[]';
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(LINKS):
        connection.exec_driver_sql(statement)
