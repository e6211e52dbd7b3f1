"""Cases by the stretch: everything about a few hundred practitioners in a few queries, built one after the other.

Other than recalculation, which reads the approvals of a batch of marked people, a rebuild meets the same courses again and
again, and reads the approval of each once for many stretches. An approval that changes meanwhile marks everybody on its
rosters, and the marks are worked in apart from the rebuild.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_credits.practitioners.merges import Merges
from cec_credits.statements.courses import ATTENDED, Courses, attended_of, by_key, read_approvals
from cec_credits.statements.domain import Case
from cec_credits.statements.facts import Key, Person, person_of

REMEMBERED = 200_000
"""Courses of one profession and role; about 100 MB, whatever the size of the nation."""

OF_STRETCH = "practitioner_id > :after AND practitioner_id <= :through"
PEOPLE = f"""
SELECT practitioner_id, number, name, CAST(certificates AS text) AS certificates, CAST(licences AS text) AS licences,
       CAST(practice_areas AS text) AS practice_areas
FROM practitioners WHERE {OF_STRETCH}
"""
STORED = f"SELECT practitioner_id, profession, version, digest FROM standings WHERE {OF_STRETCH}"
FACTS = ATTENDED.format(facts=f"SELECT * FROM ledger_entries WHERE {OF_STRETCH}")
FACTS_WITH_MERGES = ATTENDED.format(
    facts=f"""
        SELECT practitioner_id, attendance_id, sequence, profession, course_id, role, minutes, status
        FROM ledger_entries l
        WHERE {OF_STRETCH} AND NOT EXISTS (SELECT FROM merged_people m WHERE m.practitioner_id = l.practitioner_id)
        UNION ALL
        SELECT m.survivor_id, attendance_id, sequence, profession, course_id, role, minutes, status
        FROM merged_people m JOIN ledger_entries l USING (practitioner_id)
        WHERE m.survivor_id > :after AND m.survivor_id <= :through
    """
)
"""For the few stretches in which somebody was merged; the other query can follow an index."""
MERGED = f"""
SELECT practitioner_id, survivor_id FROM merged_people
WHERE ({OF_STRETCH}) OR (survivor_id > :after AND survivor_id <= :through)
"""


class Stored(msgspec.Struct, frozen=True, gc=False):
    """What stands now: the number of its changes and its digest."""

    version: int
    digest: str


class Everybody:
    """Reads stretches of practitioners; remembers courses from one to the next."""

    def __init__(self) -> None:
        self._courses = Courses(REMEMBERED)

    async def between(
        self, tx: Transaction, after: UUID, through: UUID, as_of: date
    ) -> tuple[Iterator[tuple[Person, Case]], dict[Key, Stored]]:
        """A case for each profession of each practitioner in the stretch, and what is stored for them.

        Everything is read by then; the cases are made while one goes through them, so that no more than one need be held.
        """
        bounds = {"after": after, "through": through}
        merges = Merges.of((row.practitioner_id, row.survivor_id) for row in await tx.all(MERGED, **bounds))
        people = {row.practitioner_id: person_of(row, merges) for row in await tx.all(PEOPLE, **bounds)}
        stored = {
            (row.practitioner_id, row.profession): Stored(row.version, row.digest)
            for row in await tx.all(STORED, **bounds)
        }
        attended = attended_of(await tx.all(FACTS_WITH_MERGES if merges.into else FACTS, **bounds))
        missing = self._courses.missing(attended)
        self._courses.learn(missing, await read_approvals(tx, missing))
        theirs = by_key(attended)
        keys = {key for key in (*stored, *theirs) if key[0] in people}
        for person in people.values():
            keys.update((person.practitioner_id, each.profession) for each in person.licences)
            keys.update((person.practitioner_id, each.profession) for each in person.certificates)
        return (
            (people[key[0]], people[key[0]].case(key[1], as_of, self._courses.records(theirs.get(key, ()))))
            for key in sorted(keys)
        ), stored
