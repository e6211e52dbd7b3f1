"""Where practitioners stand, and which accounts there are. Both start empty: credits and identity republish (README)."""

from alembic import op

from cec_chassis.database.schema import statements

revision = "0002"
down_revision = "0001"

SQL = """
CREATE TABLE standings (
    practitioner_id uuid        NOT NULL,
    profession      text        NOT NULL,
    closed_on       date,
    met             boolean     NOT NULL,
    sequence        bigint      NOT NULL,
    event_at        timestamptz NOT NULL,
    PRIMARY KEY (practitioner_id, profession)
);
CREATE INDEX standings_counted ON standings (profession, closed_on, met);
CREATE INDEX standings_by_event ON standings (event_at);

CREATE TABLE accounts (
    account_id      uuid        PRIMARY KEY,
    role            text        NOT NULL,
    organisation_id uuid,
    active          boolean     NOT NULL,
    sequence        bigint      NOT NULL,
    event_at        timestamptz NOT NULL
);
CREATE INDEX accounts_by_event ON accounts (event_at);
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("drop the database and rebuild it: every other service republishes what it told")
