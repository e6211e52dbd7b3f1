"""Which professions the published rule sets cover. `python -m cec_credits republish --to identity --type
cec.credits.rule_set_published.v1` fills it with those published before."""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0014"
down_revision = "0013"

RULE_SETS = """
CREATE TABLE rule_sets (
    id          text   PRIMARY KEY,
    professions text[] NOT NULL,
    sequence    bigint NOT NULL
);
"""


def upgrade() -> None:
    for statement in statements(RULE_SETS):
        op.get_bind().exec_driver_sql(statement)
