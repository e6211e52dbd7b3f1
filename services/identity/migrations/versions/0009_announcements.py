"""Announcements with all their texts, files, and how far the mails about them are queued."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0009"
down_revision = "0008"

ANNOUNCEMENTS = """
CREATE TABLE announcements (
    id              uuid        PRIMARY KEY,
    category        text        NOT NULL CHECK (category IN ('system', 'sign_in_page', 'review_unit', 'regulations',
                                                             'downloads')),
    organisation_id uuid        REFERENCES organisations,
    state           text        NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
    version         integer     NOT NULL CHECK (version > 0),
    -- the version that people see
    published       integer     CHECK (published BETWEEN 1 AND version),
    published_at    timestamptz,
    written_at      timestamptz NOT NULL,
    CONSTRAINT units_have_a_category_of_their_own CHECK ((category = 'review_unit') = (organisation_id IS NOT NULL)),
    CONSTRAINT published_is_seen CHECK ((state = 'published') = (published IS NOT NULL))
);
CREATE INDEX announcements_published ON announcements (published_at) WHERE state = 'published';
CREATE INDEX announcements_by_organisation ON announcements (organisation_id);
CREATE TABLE announcement_versions (
    announcement_id uuid        NOT NULL REFERENCES announcements,
    version         integer     NOT NULL,
    subject         text        NOT NULL,
    content         text        NOT NULL,
    audience        text[]      NOT NULL,
    public          boolean     NOT NULL,
    -- days in Taipei, both counted; without an end it shows for ever
    shows_from      date        NOT NULL,
    shows_until     date        CHECK (shows_until >= shows_from),
    files           uuid[]      NOT NULL,
    written_by      uuid        NOT NULL,
    written_at      timestamptz NOT NULL,
    PRIMARY KEY (announcement_id, version)
);
CREATE TRIGGER versions_append_only BEFORE UPDATE OR DELETE ON announcement_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TABLE announcement_publications (
    announcement_id uuid        NOT NULL REFERENCES announcements,
    number          integer     NOT NULL,
    -- null: withdrawn
    version         integer,
    at              timestamptz NOT NULL,
    by              uuid        NOT NULL,
    reason          text        NOT NULL,
    PRIMARY KEY (announcement_id, number)
);
CREATE TRIGGER publications_append_only BEFORE UPDATE OR DELETE ON announcement_publications
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TABLE announcement_files (
    id              uuid        PRIMARY KEY,
    announcement_id uuid        NOT NULL REFERENCES announcements,
    name            text        NOT NULL,
    media_type      text        NOT NULL,
    size            integer     NOT NULL CHECK (size > 0),
    sha256          text        NOT NULL,
    content         bytea       NOT NULL,
    uploaded_by     uuid        NOT NULL,
    uploaded_at     timestamptz NOT NULL
);
-- compressed already, all of them
ALTER TABLE announcement_files ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX announcement_files_by_announcement ON announcement_files (announcement_id);
CREATE TRIGGER files_append_only BEFORE UPDATE OR DELETE ON announcement_files
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TABLE announcement_mailings (
    announcement_id uuid        NOT NULL REFERENCES announcements,
    version         integer     NOT NULL,
    not_before      timestamptz NOT NULL,
    -- the last account whose mail is queued, in the order of ids
    queued_to       uuid,
    queued          bigint      NOT NULL DEFAULT 0,
    ended_at        timestamptz,
    end_reason      text,
    PRIMARY KEY (announcement_id, version)
);
CREATE INDEX announcement_mailings_open ON announcement_mailings (not_before) WHERE ended_at IS NULL;
"""


def upgrade() -> None:
    for statement in statements(ANNOUNCEMENTS):
        op.get_bind().exec_driver_sql(statement)
