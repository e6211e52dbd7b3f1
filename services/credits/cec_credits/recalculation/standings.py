"""Stored standings: the newest answer for each practitioner and profession, so that reading it costs one row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_credits.statements.domain import Statement
from cec_credits.statements.facts import Key, Person
from cec_credits.statements.summary import holds_until, texts_of

KEEP = """
INSERT INTO standings AS s (practitioner_id, profession, version, as_of, changes_on, window_since, window_end, digest,
                            summary, computed_at, computed_by, book_generation)
SELECT u.practitioner_id, u.profession, 1, u.as_of, u.changes_on, u.window_since, u.window_end, u.digest,
       convert_from(u.summary, 'UTF8'), CAST(:now AS timestamptz), CAST(:run AS uuid), CAST(:generation AS bigint)
FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[]), CAST(:days AS date[]),
            CAST(:changes AS date[]), CAST(:since AS date[]), CAST(:ends AS date[]), CAST(:digests AS text[]),
            CAST(:summaries AS bytea[]))
     AS u(practitioner_id, profession, as_of, changes_on, window_since, window_end, digest, summary)
ORDER BY 1, 2
ON CONFLICT (practitioner_id, profession) DO UPDATE SET
    version = s.version + CASE WHEN s.digest IS DISTINCT FROM excluded.digest THEN 1 ELSE 0 END,
    computed_by = CASE WHEN s.digest IS DISTINCT FROM excluded.digest THEN excluded.computed_by ELSE s.computed_by END,
    as_of = excluded.as_of, changes_on = excluded.changes_on, window_since = excluded.window_since,
    window_end = excluded.window_end, digest = excluded.digest, summary = excluded.summary,
    computed_at = excluded.computed_at, book_generation = excluded.book_generation
RETURNING practitioner_id, profession, version, computed_by = CAST(:run AS uuid) AS changed
"""


class NewStanding(msgspec.Struct, frozen=True):
    """A freshly computed answer and the JSON text of it that will be served."""

    person: Person
    statement: Statement
    text: bytes
    digest: str

    @property
    def key(self) -> Key:
        return self.person.practitioner_id, self.statement.case.profession

    @property
    def changes_on(self) -> date | None:
        """The first day on which the answer may be another one though no fact has come: time passes, a licence begins."""
        statement = self.statement
        days = (holds_until(statement), self.person.next_licence_on(statement.case.profession, statement.case.as_of))
        return min((day for day in days if day is not None), default=None)

    @classmethod
    def of(cls, person: Person, statement: Statement) -> NewStanding:
        """The digest leaves out the day: an answer that only grew older is not a changed answer. A record that was merged
        says into which one, even when it never had a point: others know the person by its id."""
        texts = texts_of(statement)
        known_as = b"" if person.merged_into is None else person.merged_into.bytes
        digest = hashlib.blake2b(texts.news + known_as, digest_size=16).hexdigest()
        return cls(person, statement, texts.whole, digest)


async def keep(tx: Transaction, found: Sequence[NewStanding], run: UUID, generation: int) -> dict[Key, int]:
    """Stores them all, computed with the book of that generation.

    Returns the new version of those that differ from what was stored before.
    """
    if not found:
        return {}
    rows = await tx.all(
        KEEP,
        practitioners=[each.key[0] for each in found],
        professions=[each.key[1] for each in found],
        days=[each.statement.case.as_of for each in found],
        changes=[each.changes_on for each in found],
        since=[each.statement.window.since for each in found],
        ends=[each.statement.closing for each in found],
        digests=[each.digest for each in found],
        summaries=[each.text for each in found],
        now=tx.now,
        run=run,
        generation=generation,
    )
    return {(row.practitioner_id, row.profession): row.version for row in rows if row.changed}
