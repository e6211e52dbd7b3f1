"""Cases of many people for a batch: their attendances in one row each, and every approval read once for all of them.

The statement of one person joins approvals to attendances in the database; for hundreds of people who sat in the same
courses it is far cheaper to bring each approval over once. A test holds the two ways together.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from cec_chassis.database import Transaction
from cec_credits.batch.domain import Question
from cec_credits.practitioners.merges import merges_of
from cec_credits.recalculation.rebuild.everybody import APPROVED, Approval, approval_of, record_of
from cec_credits.statements.domain import Case, Record
from cec_credits.statements.facts import Key, Person, load_cases

ATTENDED: Final = """
SELECT practitioner_id, profession, array_agg(CAST(attendance_id AS text)) AS attendances,
       array_agg(CAST(course_id AS text)) AS courses, array_agg(role) AS roles, array_agg(minutes) AS minutes
FROM (
    SELECT DISTINCT ON (l.attendance_id)
        o.owner AS practitioner_id, l.attendance_id, l.profession, l.course_id, l.role, l.minutes, l.status
    FROM ledger_entries l
    JOIN unnest(CAST(:members AS uuid[]), CAST(:owners AS uuid[])) AS o(member, owner) ON o.member = l.practitioner_id
    WHERE l.practitioner_id = ANY(CAST(:members AS uuid[]))
    ORDER BY l.attendance_id, l.sequence DESC
) AS latest
WHERE status = 'recorded'
GROUP BY practitioner_id, profession
"""
REMEMBERED: Final = 20_000
"""Approvals; about 20 MB."""
TRUSTED_SECONDS: Final = 10.0
"""How long what was read of approvals is taken for true within one batch: pieces that follow one another share it."""


class Cases:
    """Loads cases; remembers approvals from one piece of a batch to the next, for some seconds."""

    def __init__(self) -> None:
        self._approvals: dict[str, Approval | None] = {}
        self._batch: UUID | None = None
        self._read_at = 0.0

    def begin(self, batch_id: UUID) -> None:
        """Forgets what another batch has read, and what was read too long ago."""
        if self._batch != batch_id or time.monotonic() - self._read_at > TRUSTED_SECONDS:
            self._approvals = {}
            self._batch, self._read_at = batch_id, time.monotonic()

    async def rows(self, tx: Transaction, keys: Sequence[Key], question: Question) -> Any:
        """What `build` makes cases of: everything that must come from the database."""
        if question.known_by is not None:
            return await load_cases(tx, keys, question.day, question.known_by, question.period)
        people = list({practitioner for practitioner, _ in keys})
        merges = await merges_of(tx, people)
        pairs = [(member, owner) for owner in people for member in merges.members(owner)]
        attended = await tx.all(ATTENDED, members=[member for member, _ in pairs], owners=[owner for _, owner in pairs])
        wanted = {course for row in attended for course in row.courses}
        missing = wanted - self._approvals.keys()
        if len(self._approvals) + len(missing) > REMEMBERED:
            self._approvals, missing = {}, wanted
        approved = await tx.all(APPROVED, courses=[UUID(course) for course in missing]) if missing else []
        return attended, missing, approved

    def build(
        self, rows: Any, keys: Sequence[Key], people: Mapping[Key, Person], question: Question
    ) -> list[tuple[Person, Case]]:
        """A case for each of these. It computes only, so it may run beside the event loop, one call at a time."""
        if question.known_by is not None:
            found: list[tuple[Person, Case]] = rows
            return found
        attended, missing, approved = rows
        self._approvals.update(dict.fromkeys(missing))
        self._approvals.update({row.course_id: approval_of(row) for row in approved})
        by_key = {(row.practitioner_id, row.profession): row for row in attended}
        return [(people[key], self._case(key, people[key], by_key.get(key), question)) for key in keys]

    def _case(self, key: Key, person: Person, row: Any | None, question: Question) -> Case:
        return Case(
            profession=key[1],
            as_of=question.day,
            licence=person.licence(key[1], question.day),
            records=[] if row is None else self._records(key[1], row),
            practice_areas=person.areas,
            window=question.period,
        )

    def _records(self, profession: str, row: Any) -> list[Record]:
        found = []
        for attendance, course, role, minutes in zip(row.attendances, row.courses, row.roles, row.minutes, strict=True):
            approval = self._approvals[course]
            if approval is not None:
                found.append(record_of(attendance, course, role, minutes, approval, profession))
        return found
