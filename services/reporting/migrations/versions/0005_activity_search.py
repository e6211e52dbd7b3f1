"""What the activity search asks for: titles and names in the form in which they are compared, and courses in full.

The rows of `courses` that are here already lack what is new and are not found until review republishes (README).
"""

from __future__ import annotations

from alembic import op

from cec_chassis.database.schema import statements

revision = "0005"
down_revision = "0004"

SQL = """
-- How texts are compared: by compatibility form, without case, 台 as 臺. Both sides of a comparison go through it.
CREATE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN translate(lower(normalize(words, NFKC)), '台', '臺');

-- Every two letters that stand side by side. A text that contains another has all its pairs, and an index finds those;
-- trigrams would not find words of two characters, of which Chinese mostly consists.
-- It costs more than looking at the words themselves, and the planner must know, or it would call it for every row.
CREATE FUNCTION letter_pairs(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2000
    RETURN ARRAY(SELECT DISTINCT substr(words, place, 2) FROM generate_series(1, length(words) - 1) AS place);

ALTER TABLE activities
    ADD COLUMN title_folded text GENERATED ALWAYS AS (folded(title)) STORED,
    ADD COLUMN unit_folded text GENERATED ALWAYS AS (folded(offering_unit_name)) STORED;
CREATE INDEX activities_by_code ON activities (code);
CREATE INDEX activities_by_title ON activities USING gin (letter_pairs(title_folded));
CREATE INDEX activities_by_unit_name ON activities USING gin (letter_pairs(unit_folded));

ALTER TABLE courses
    ADD COLUMN attribute text,
    ADD COLUMN infection_control boolean,
    ADD COLUMN gender boolean,
    ADD COLUMN starts_at timestamptz,
    ADD COLUMN ends_at timestamptz,
    ADD COLUMN awards jsonb,
    ADD COLUMN details_of bigint,
    ADD COLUMN offered boolean GENERATED ALWAYS AS (status = 'approved' AND details_of IS NOT DISTINCT FROM sequence) STORED,
    ADD COLUMN title_folded text GENERATED ALWAYS AS (folded(title)) STORED;
CREATE INDEX courses_by_code ON courses (code);
CREATE INDEX courses_by_title ON courses USING gin (letter_pairs(title_folded));
CREATE INDEX courses_offered ON courses (activity_id) WHERE offered;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in statements(SQL):
        connection.exec_driver_sql(statement)
