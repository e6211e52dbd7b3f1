"""Records of many people at once: what a course makes of an attendance is worked out once for everybody who sat in it.

The statement of one person joins approvals to attendances in the database. For hundreds of people who sat in the same
courses it is far cheaper to bring each approval over once. A test holds the two ways together.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import methodcaller
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import force_setattr

from cec_chassis.database import Transaction
from cec_credits.statements.domain import Record
from cec_credits.statements.facts import Key, change_of, points_of, void_of

ATTENDED: Final = """
SELECT practitioner_id, profession, role, minutes, status, array_agg(CAST(attendance_id AS text)) AS attendances,
       string_agg(uuid_send(course_id), '') AS courses
FROM (
    SELECT DISTINCT ON (practitioner_id, attendance_id)
        practitioner_id, attendance_id, profession, course_id, role, minutes, status
    FROM ({facts}) AS facts
    ORDER BY practitioner_id, attendance_id, sequence DESC
) AS latest
GROUP BY practitioner_id, profession, role, minutes, status
"""
"""`facts` are rows of `ledger_entries`, or such rows with the person whose they are now in place of a former record.

A row for each role, length of stay and status of a person: nearly always one, where a row for each attendance would be sixty."""
OF_PEOPLE: Final = """
SELECT o.owner AS practitioner_id, l.attendance_id, l.sequence, l.profession, l.course_id, l.role, l.minutes, l.status
FROM ledger_entries l
JOIN unnest(CAST(:members AS uuid[]), CAST(:owners AS uuid[])) AS o(member, owner) ON o.member = l.practitioner_id
WHERE l.practitioner_id = ANY(CAST(:members AS uuid[]))
"""
"""For `facts`: what stands under `members` is said of `owners`, who are the same but where a record was merged."""
ATTENDED_BY_PEOPLE: Final = ATTENDED.format(facts=OF_PEOPLE)
APPROVED: Final = """
SELECT DISTINCT ON (course_id)
    course_id, CAST(course_id AS text) AS course, method, attribute, infection_control, gender, starts_at, ends_at,
    CAST(ends_at AT TIME ZONE 'Asia/Taipei' AS date) AS ends_on, minutes, CAST(awards AS text) AS awards, status, article,
    change_reason, CAST(change_opened_at AT TIME ZONE 'Asia/Taipei' AS date) AS change_since,
    hashtextextended(course_title || chr(10) || offering_unit_name, 0) AS content,
    purposes ? 'practice_licence' AS for_licence
FROM course_approvals WHERE course_id = ANY(CAST(:courses AS uuid[]))
ORDER BY course_id, sequence DESC
"""

_ID_BYTES: Final = 16
_copied: Final[Callable[[Record], Record]] = methodcaller("__copy__")
_awards = msgspec.json.Decoder(dict[str, str])

_Value = TypeVar("_Value", Decimal, date)

Kind = tuple[str, str, int | None, str]
"""What makes two attendances of one course equal: profession, role, minutes if it was not attended whole, and whether
it stands or was withdrawn."""


class Attended(msgspec.Struct, frozen=True, gc=False):
    """The attendances of one person in one profession that are of one kind; courses by the bytes of their ids."""

    key: Key
    kind: Kind
    attendances: list[str]
    courses: list[bytes]


class Courses:
    """Patterns of records by kind and course, remembered from one reading to the next."""

    def __init__(self, remembered: int) -> None:
        """At most so many patterns, 0.5 kB each, beside those that one reading needs."""
        self._remembered = remembered
        self._count = 0
        self._patterns: dict[Kind, dict[bytes, Record | None]] = {}

    def forget(self) -> None:
        """Everything is to be read anew."""
        self._patterns, self._count = {}, 0

    def missing(self, attended: Iterable[Attended]) -> dict[Kind, set[bytes]]:
        """The courses among these whose patterns must be learned first; makes room for them."""
        found = self._not_known(attended)
        count = sum(map(len, found.values()))
        if self._count and self._count + count > self._remembered:
            self.forget()
            found = self._not_known(attended)
        return found

    def _not_known(self, attended: Iterable[Attended]) -> dict[Kind, set[bytes]]:
        found: dict[Kind, set[bytes]] = {}
        for each in attended:
            known = self._patterns.setdefault(each.kind, {})
            missing = [course for course in each.courses if course not in known]
            if missing:
                found.setdefault(each.kind, set()).update(missing)
        return found

    def learn(self, missing: Mapping[Kind, set[bytes]], approved: Iterable[Any]) -> None:
        """Takes the rows of `read_approvals`. A course without an approval is remembered as one that gives nothing yet."""
        by_course = {row.course_id.bytes: row for row in approved}
        for kind, courses in missing.items():
            known = self._patterns[kind]
            for course in courses:
                row = by_course.get(course)
                known[course] = None if row is None else pattern_of(row, kind)
            self._count += len(courses)

    def records(self, attended: Iterable[Attended]) -> list[Record]:
        """One for each attendance whose course has been decided about."""
        records: list[Record] = []
        for of_one_kind in attended:
            patterns = self._patterns[of_one_kind.kind]
            for attendance, course in zip(of_one_kind.attendances, of_one_kind.courses, strict=True):
                pattern = patterns[course]
                if pattern is not None:
                    record = _copied(pattern)
                    force_setattr(record, "id", attendance)  # ours alone so far; half the price of `replace`
                    records.append(record)
        return records


def attended_of(rows: Iterable[Any]) -> list[Attended]:
    """From rows of `ATTENDED`."""
    return [
        Attended(
            (row.practitioner_id, row.profession),
            (row.profession, row.role, row.minutes, row.status),
            row.attendances,
            [row.courses[at : at + _ID_BYTES] for at in range(0, len(row.courses), _ID_BYTES)],
        )
        for row in rows
    ]


def by_key(attended: Iterable[Attended]) -> dict[Key, list[Attended]]:
    """Of each person in each profession, whatever its kind."""
    found: dict[Key, list[Attended]] = {}
    for each in attended:
        found.setdefault(each.key, []).append(each)
    return found


async def read_attended(tx: Transaction, members: Sequence[tuple[UUID, UUID]]) -> list[Attended]:
    """Everything that ever stood on a roster under the first of each pair; it is said of the second."""
    rows = await tx.all(
        ATTENDED_BY_PEOPLE, members=[member for member, _ in members], owners=[owner for _, owner in members]
    )
    return attended_of(rows)


async def read_approvals(tx: Transaction, missing: Mapping[Kind, set[bytes]]) -> Sequence[Any]:
    """The newest version of the approval of each course."""
    courses = set().union(*missing.values())
    return await tx.all(APPROVED, courses=[UUID(bytes=course) for course in courses]) if courses else []


def pattern_of(row: Any, kind: Kind) -> Record:
    """The record of an attendance of that kind, but for its id, as `load_cases` makes it from a row of its own."""
    profession, role, attended, status = kind
    awarded = _points(row.awards).get(f"{profession}:{role}")
    points = points_of(awarded, attended, row.minutes)
    return Record(
        id="",
        method=sys.intern(row.method),
        role=role,
        attribute=sys.intern(row.attribute),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ends_on=_one(row.ends_on),
        minutes=attended,
        points=_one(points) if points.is_finite() else points,  # what is no number may have no hash
        infection_control=row.infection_control,
        gender=row.gender,
        course=row.course,
        content=row.content,
        void=void_of(row.status, row.article, awarded, status, for_licence=row.for_licence),
        under_change=change_of(row.change_since, row.change_reason),
    )


@lru_cache(maxsize=4096)
def _points(awards: str) -> dict[str, str]:
    return _awards.decode(awards)


@lru_cache(maxsize=8192)
def _one(value: _Value) -> _Value:
    """One object for all equal values: less memory, and what everybody shares is at hand in the processor's cache."""
    return value
