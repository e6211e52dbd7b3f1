"""The audit log is chained, and the heads of everybody's chain are kept here, outside the database they tell of."""

from alembic import op

from cec_chassis.database.schema import AUDIT_CHAIN_SQL, create_chassis_tables, statements

revision = "0003"
down_revision = "0002"

SQL = """
CREATE TABLE audit_heads (
    service     text        NOT NULL,
    position    bigint      NOT NULL CHECK (position > 0),
    -- part of the key: a second hash for a position is evidence and must be kept beside the first
    hash        text        NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    sealed_at   timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (service, position, hash)
);
CREATE TRIGGER heads_append_only BEFORE UPDATE OR DELETE ON audit_heads
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heads_not_emptied BEFORE TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_heads FROM PUBLIC, CURRENT_USER;
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_chassis_tables(connection, (AUDIT_CHAIN_SQL,))
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)
