"""Cases by the stretch: everything about a few hundred practitioners in three queries.

Other than recalculation, which looks up the approvals of a few marked people, a rebuild meets the same courses again and
again; so the approvals are kept, as many as `REMEMBERED`, and each is read once for many rosters. An approval that changes
meanwhile marks everybody on its rosters, and the marks are worked in apart from the rebuild.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_credits.practitioners.merges import Merges
from cec_credits.statements.domain import ZERO, Case, Record
from cec_credits.statements.facts import Key, Person, person_of, points_of

REMEMBERED = 20_000
"""Approvals; about 20 MB."""

PEOPLE = """
SELECT practitioner_id, number, name, CAST(certificates AS text) AS certificates, CAST(licences AS text) AS licences,
       CAST(practice_areas AS text) AS practice_areas
FROM practitioners WHERE practitioner_id > :after AND practitioner_id <= :through
"""
STORED = """
SELECT practitioner_id, profession, version, digest FROM standings
WHERE practitioner_id > :after AND practitioner_id <= :through
"""
ATTENDED = """
SELECT practitioner_id, profession, array_agg(CAST(attendance_id AS text)) AS attendances,
       array_agg(CAST(course_id AS text)) AS courses, array_agg(role) AS roles, array_agg(minutes) AS minutes
FROM (
    SELECT DISTINCT ON (practitioner_id, attendance_id)
        practitioner_id, attendance_id, profession, course_id, role, minutes, status
    FROM (
        SELECT practitioner_id, attendance_id, sequence, profession, course_id, role, minutes, status
        FROM ledger_entries l
        WHERE practitioner_id > :after AND practitioner_id <= :through
          AND NOT EXISTS (SELECT FROM merged_people m WHERE m.practitioner_id = l.practitioner_id)
        UNION ALL
        SELECT m.survivor_id, attendance_id, sequence, profession, course_id, role, minutes, status
        FROM merged_people m JOIN ledger_entries l USING (practitioner_id)
        WHERE m.survivor_id > :after AND m.survivor_id <= :through
    ) AS facts
    ORDER BY practitioner_id, attendance_id, sequence DESC
) AS latest
WHERE status = 'recorded'
GROUP BY practitioner_id, profession
"""
MERGED = """
SELECT practitioner_id, survivor_id FROM merged_people
WHERE (practitioner_id > :after AND practitioner_id <= :through) OR (survivor_id > :after AND survivor_id <= :through)
"""
APPROVED = """
SELECT DISTINCT ON (course_id)
    CAST(course_id AS text) AS course_id, method, attribute, infection_control, gender, starts_at, ends_at,
    CAST(ends_at AT TIME ZONE 'Asia/Taipei' AS date) AS ends_on, minutes, CAST(awards AS text) AS awards, status
FROM course_approvals WHERE course_id = ANY(CAST(:courses AS uuid[]))
ORDER BY course_id, sequence DESC
"""

_awards = msgspec.json.Decoder(dict[str, str])


class Approval(msgspec.Struct, frozen=True, gc=False):
    """The newest version of a course's approval."""

    method: str
    attribute: str
    infection_control: bool
    gender: bool
    starts_at: datetime
    ends_at: datetime
    ends_on: date
    minutes: int
    awards: dict[str, str]
    withdrawn: bool


class Stored(msgspec.Struct, frozen=True, gc=False):
    """What stands now: the number of its changes and its digest."""

    version: int
    digest: str


class Everybody:
    """Reads stretches of practitioners; remembers approvals from one to the next."""

    def __init__(self) -> None:
        self._approvals: dict[str, Approval | None] = {}

    async def between(
        self, tx: Transaction, after: UUID, through: UUID, as_of: date
    ) -> tuple[list[tuple[Person, Case]], dict[Key, Stored]]:
        """A case for each profession of each practitioner in the stretch, and what is stored for them."""
        bounds = {"after": after, "through": through}
        merges = Merges.of((row.practitioner_id, row.survivor_id) for row in await tx.all(MERGED, **bounds))
        people = {row.practitioner_id: person_of(row, merges) for row in await tx.all(PEOPLE, **bounds)}
        stored = {
            (row.practitioner_id, row.profession): Stored(row.version, row.digest)
            for row in await tx.all(STORED, **bounds)
        }
        attended = {(row.practitioner_id, row.profession): row for row in await tx.all(ATTENDED, **bounds)}
        await self._learn(tx, (course for row in attended.values() for course in row.courses))
        keys = {key for key in (*stored, *attended) if key[0] in people}
        for person in people.values():
            keys.update((person.practitioner_id, each.profession) for each in person.licences)
            keys.update((person.practitioner_id, each.profession) for each in person.certificates)
        return [
            (people[key[0]], self._case(key, people[key[0]], attended.get(key), as_of)) for key in sorted(keys)
        ], stored

    async def _learn(self, tx: Transaction, courses: Iterable[str]) -> None:
        wanted = set(courses)
        missing = wanted - self._approvals.keys()
        if not missing:
            return
        if len(self._approvals) + len(missing) > REMEMBERED:
            self._approvals.clear()
            missing = wanted
        found: dict[str, Approval | None] = dict.fromkeys(missing)
        for row in await tx.all(APPROVED, courses=[UUID(course) for course in missing]):
            found[row.course_id] = approval_of(row)
        self._approvals |= found

    def _case(self, key: Key, person: Person, attended: Any | None, as_of: date) -> Case:
        profession = key[1]
        return Case(
            profession=profession,
            as_of=as_of,
            licence=person.licence(profession, as_of),
            records=[] if attended is None else self._records(profession, attended),
            practice_areas=person.areas,
        )

    def _records(self, profession: str, row: Any) -> list[Record]:
        records: list[Record] = []
        approvals = self._approvals
        for attendance, course, role, minutes in zip(row.attendances, row.courses, row.roles, row.minutes, strict=True):
            approval = approvals[course]
            if approval is not None:
                records.append(record_of(attendance, course, role, minutes, approval, profession))
        return records


def approval_of(row: Any) -> Approval:
    """From a row of `APPROVED`."""
    return Approval(
        row.method,
        row.attribute,
        row.infection_control,
        row.gender,
        row.starts_at,
        row.ends_at,
        row.ends_on,
        row.minutes,
        _awards.decode(row.awards),
        row.status == "withdrawn",
    )


def record_of(
    attendance: str, course: str, role: str, minutes: int | None, approval: Approval, profession: str
) -> Record:
    """As recalculation makes it from a row; a test holds the two together."""
    awarded = approval.awards.get(f"{profession}:{role}")
    void = "APPROVAL_WITHDRAWN" if approval.withdrawn else None if awarded is not None else "ROLE_NOT_CREDITED"
    return Record(
        id=attendance,
        method=approval.method,
        role=role,
        attribute=approval.attribute,
        starts_at=approval.starts_at,
        ends_at=approval.ends_at,
        ends_on=approval.ends_on,
        points=ZERO if awarded is None else points_of(awarded, minutes, approval.minutes),
        infection_control=approval.infection_control,
        gender=approval.gender,
        course=course,
        void=void,
    )
