"""Rule sets as versions: drafted, published, superseded; the generation of the book; who is to be recalculated by it."""

from alembic import op

from cec_chassis.database.schema import statements

revision = "rule_set_versions"
down_revision = "0001"

SQL = """
CREATE TABLE rule_set_versions (
    rule_set_id    text        NOT NULL,
    version        integer     NOT NULL CONSTRAINT rule_set_version_positive CHECK (version > 0),
    regulation     text        NOT NULL,
    effective_from date        NOT NULL,
    format         text        NOT NULL CONSTRAINT rule_set_format CHECK (format IN ('toml', 'json')),
    document       text        NOT NULL,
    digest         text        NOT NULL,
    state          text        NOT NULL
                   CONSTRAINT rule_set_state CHECK (state IN ('draft', 'published', 'superseded')),
    revision       integer     NOT NULL,
    note           text        NOT NULL,
    drafted_by     uuid,
    drafted_at     timestamptz NOT NULL,
    checked_at     timestamptz,
    published_by   uuid,
    published_at   timestamptz,
    reason         text        NOT NULL,
    PRIMARY KEY (rule_set_id, version),
    CONSTRAINT rule_set_published_at CHECK ((state = 'draft') = (published_at IS NULL))
);
CREATE UNIQUE INDEX rule_set_one_draft ON rule_set_versions (rule_set_id) WHERE state = 'draft';
CREATE UNIQUE INDEX rule_set_one_published ON rule_set_versions (rule_set_id) WHERE state = 'published';

CREATE FUNCTION keep_published_rule_sets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'superseded'
       AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rule set % version % is published and never changes', OLD.rule_set_id, OLD.version
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER rule_sets_never_change BEFORE UPDATE OR DELETE ON rule_set_versions
    FOR EACH ROW EXECUTE FUNCTION keep_published_rule_sets();

CREATE TABLE rule_book (
    the_only_one boolean     PRIMARY KEY DEFAULT true CONSTRAINT rule_book_one_row CHECK (the_only_one),
    generation   bigint      NOT NULL,
    changed_at   timestamptz NOT NULL
);
INSERT INTO rule_book (generation, changed_at) VALUES (0, now());

CREATE TABLE rule_changes (
    profession     text        PRIMARY KEY,
    generation     bigint      NOT NULL,
    changed_at     timestamptz NOT NULL,
    newcomers      boolean     NOT NULL,
    marked_through uuid
);

ALTER TABLE standings ADD COLUMN book_generation bigint NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("facts are never thrown away; restore a backup instead")
