"""A consent may be withdrawn, and given again after that: each giving is a row, which nobody removes."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0012"
down_revision = "0011"

CONSENTS = """
ALTER TABLE consents
    -- the default is for code of the release before this one, which names no id
    ADD COLUMN id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN withdrawn_at timestamptz CHECK (withdrawn_at >= given_at),
    DROP CONSTRAINT consents_pkey,
    ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX one_standing_consent ON consents (account_id, kind, version) WHERE withdrawn_at IS NULL;
CREATE INDEX consents_by_account ON consents (account_id, given_at);
-- A row says that somebody agreed; the only thing that can be added is that they withdrew it, once.
CREATE TRIGGER consents_stay BEFORE DELETE ON consents
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consents_are_withdrawn_once BEFORE UPDATE ON consents
    FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
        OR (OLD.id, OLD.account_id, OLD.kind, OLD.version, OLD.text_digest, OLD.given_at)
            IS DISTINCT FROM (NEW.id, NEW.account_id, NEW.kind, NEW.version, NEW.text_digest, NEW.given_at))
    EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(CONSENTS):
        connection.exec_driver_sql(statement)
