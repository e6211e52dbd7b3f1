"""From rows to cases: everything known about some practitioners, as the engine wants it. One query for many people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_contracts import identity
from cec_credits.practitioners.merges import Merges, merges_of
from cec_credits.statements.domain import ZERO, Case, Licence, OpenChange, Period, PracticeArea, Record

CENT = Decimal("0.01")

SELECT_PRACTITIONERS = """
SELECT practitioner_id, number, name, CAST(certificates AS text) AS certificates, CAST(licences AS text) AS licences,
       CAST(practice_areas AS text) AS practice_areas
FROM practitioners WHERE practitioner_id = ANY(CAST(:practitioners AS uuid[]))
"""
SELECT_PRACTITIONERS_THEN = """
SELECT DISTINCT ON (practitioner_id)
    practitioner_id, number, name, CAST(certificates AS text) AS certificates, CAST(licences AS text) AS licences,
    CAST(practice_areas AS text) AS practice_areas
FROM practitioner_versions
WHERE practitioner_id = ANY(CAST(:practitioners AS uuid[])) AND known_at <= :known_by
ORDER BY practitioner_id, sequence DESC
"""
SELECT_PROFESSIONS = """
SELECT DISTINCT profession FROM ledger_entries
WHERE practitioner_id = ANY(CAST(:members AS uuid[])) AND (CAST(:known_by AS timestamptz) IS NULL OR known_at <= :known_by)
"""
SELECT_SPOKEN_OF = """
WITH wanted AS (
    SELECT * FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[])) AS w(practitioner_id, profession)
)
SELECT o.owner AS practitioner_id, l.profession
FROM unnest(CAST(:members AS uuid[]), CAST(:owners AS uuid[])) AS o(under, owner)
JOIN wanted w ON w.practitioner_id = o.owner
JOIN ledger_entries l ON l.practitioner_id = o.under AND l.profession = w.profession
WHERE CAST(:known_by AS timestamptz) IS NULL OR l.known_at <= :known_by
UNION SELECT practitioner_id, profession FROM standings JOIN wanted USING (practitioner_id, profession)
"""
SELECT_FACTS = """
WITH wanted AS (
    SELECT * FROM unnest(CAST(:practitioners AS uuid[]), CAST(:professions AS text[])) AS w(practitioner_id, profession)
), latest AS (
    SELECT DISTINCT ON (l.attendance_id)
        l.attendance_id, l.practitioner_id AS under, l.profession, l.course_id, l.role, l.minutes, l.status
    FROM ledger_entries l
    WHERE l.practitioner_id = ANY(CAST(:members AS uuid[]))
      AND (CAST(:known_by AS timestamptz) IS NULL OR l.known_at <= :known_by)
    ORDER BY l.attendance_id, l.sequence DESC
)
SELECT w.practitioner_id, f.under, f.profession, f.attendance_id, f.course_id, f.role, f.minutes, f.status, a.method, a.attribute,
       a.infection_control, a.gender, a.starts_at, a.ends_at, CAST(a.ends_at AT TIME ZONE 'Asia/Taipei' AS date) AS ends_on,
       a.minutes AS course_minutes, a.awards ->> (f.profession || ':' || f.role) AS points, a.status AS approval, a.article,
       a.change_reason, CAST(a.change_opened_at AT TIME ZONE 'Asia/Taipei' AS date) AS change_since,
       hashtextextended(a.course_title || chr(10) || a.offering_unit_name, 0) AS content,
       a.purposes ? 'practice_licence' AS for_licence
FROM latest f
JOIN unnest(CAST(:members AS uuid[]), CAST(:owners AS uuid[])) AS o(under, owner) USING (under)
JOIN wanted w ON w.practitioner_id = o.owner AND w.profession = f.profession
JOIN LATERAL (
    SELECT * FROM course_approvals c
    WHERE c.course_id = f.course_id AND (CAST(:known_by AS timestamptz) IS NULL OR c.known_at <= :known_by)
    ORDER BY c.sequence DESC LIMIT 1
) a ON true
"""
"""A line that was withdrawn from its roster is a record like any other, void: its points say where they went."""

_licences = msgspec.json.Decoder(list[identity.Licence])
_areas = msgspec.json.Decoder(list[identity.PracticeArea])
_certificates = msgspec.json.Decoder(list[identity.Certificate])

VOID_BY_LAW: Final = "18(2)"
"""不生採認之效果: recognised contrary to the rules."""

Key = tuple[UUID, str]


class Person(msgspec.Struct, frozen=True):
    """What a statement needs to know about a practitioner beside the records."""

    practitioner_id: UUID
    number: str
    name: str
    certificates: list[identity.Certificate]
    licences: list[identity.Licence]
    areas: tuple[PracticeArea, ...]
    merged_into: UUID | None = None
    """The record whose facts this one's are now; this one has none."""
    merged_from: tuple[UUID, ...] = ()
    """Former records whose facts are this person's."""

    @property
    def members(self) -> tuple[UUID, ...]:
        """Under which ids the facts of this person stand in the ledger."""
        return () if self.merged_into is not None else (self.practitioner_id, *self.merged_from)

    def holds(self, profession: str) -> bool:
        """Whether a certificate or a licence of theirs is of this profession, in force or not."""
        return profession in {each.profession for each in self.certificates} | {x.profession for x in self.licences}

    def certificate_number(self, profession: str) -> str:
        return next((c.number for c in self.certificates if c.profession == profession), "")

    def licence(self, profession: str, as_of: date) -> Licence | None:
        """The licence in force on the day: the one that began last; before the first, the first.

        The one that began before it counts as the one it renewed.
        """
        own = sorted((x for x in self.licences if x.profession == profession), key=lambda x: x.valid_from)
        begun = [x for x in own if x.valid_from <= as_of] or own[:1]
        if not begun:
            return None
        former = begun[-2].valid_until if len(begun) > 1 else None
        return Licence(begun[-1].valid_from, begun[-1].valid_until, begun[-1].extended_until, former)

    def case(
        self,
        profession: str,
        as_of: date,
        records: list[Record],
        *,
        period: Period | None = None,
        profile: str = "renewal",
    ) -> Case:
        """With these records, whoever read them. `period` stands in place of the renewal window, `profile` names the occasion."""
        return Case(profession, as_of, self.licence(profession, as_of), records, self.areas, profile, period)

    def next_licence_on(self, profession: str, after: date) -> date | None:
        """The first day after ``after`` on which another licence begins, and with it another window."""
        return min(
            (x.valid_from for x in self.licences if x.profession == profession and x.valid_from > after), default=None
        )


async def load_cases(
    tx: Transaction,
    keys: Sequence[Key],
    as_of: date,
    known_by: datetime | None = None,
    period: Period | None = None,
    profile: str = "renewal",
) -> list[tuple[Person, Case]]:
    """A case for each of these whose practitioner is known here; one whose news has not arrived yet is left out.

    `known_by` asks for the facts as they were known then: attendance, approvals, licences and practice areas. `period`
    stands in place of the renewal window, `profile` names the occasion.
    """
    people = await load_people(tx, list({practitioner for practitioner, _ in keys}), known_by)
    wanted = [key for key in keys if key[0] in people]
    standing_for = [(member, person.practitioner_id) for person in people.values() for member in person.members]
    rows = await tx.all(
        SELECT_FACTS,
        practitioners=[practitioner for practitioner, _ in wanted],
        professions=[profession for _, profession in wanted],
        members=[member for member, _ in standing_for],
        owners=[owner for _, owner in standing_for],
        known_by=known_by,
    )
    records: dict[Key, list[Record]] = {key: [] for key in wanted}
    for row in rows:
        records[row.practitioner_id, row.profession].append(_record(row))
    return [
        (people[key[0]], people[key[0]].case(key[1], as_of, records[key], period=period, profile=profile))
        for key in wanted
    ]


async def load_people(
    tx: Transaction, practitioners: Sequence[UUID], known_by: datetime | None = None
) -> dict[UUID, Person]:
    """Those of them who are known here, or were known by then."""
    if known_by is None:
        rows = await tx.all(SELECT_PRACTITIONERS, practitioners=practitioners)
    else:
        rows = await tx.all(SELECT_PRACTITIONERS_THEN, practitioners=practitioners, known_by=known_by)
    merges = await merges_of(tx, practitioners, known_by)
    return {row.practitioner_id: person_of(row, merges) for row in rows}


async def professions_of(tx: Transaction, practitioner_id: UUID, known_by: datetime | None = None) -> list[str]:
    """Every category somebody is licensed or certified in, or has records in; empty when they are not known here."""
    people = await load_people(tx, [practitioner_id], known_by)
    if practitioner_id not in people:
        return []
    person = people[practitioner_id]
    rows = await tx.all(SELECT_PROFESSIONS, members=list(person.members), known_by=known_by)
    licensed = {licence.profession for licence in person.licences}
    certified = {certificate.profession for certificate in person.certificates}
    return sorted(licensed | certified | {row.profession for row in rows})


async def strangers_to(tx: Transaction, people: Mapping[Key, Person], known_by: datetime | None = None) -> set[Key]:
    """Those who have nothing to do with the profession: no certificate, no licence, and no record that ever stood under it.

    Zero points would be no answer for them but a slip in the question. A former record has nothing of its own to be asked
    about; it always leads to the one that survives it.
    """
    doubtful = {k: p for k, p in people.items() if p.merged_into is None and not p.holds(k[1])}
    if not doubtful:
        return set()
    standing_for = [(member, person.practitioner_id) for person in doubtful.values() for member in person.members]
    rows = await tx.all(
        SELECT_SPOKEN_OF,
        practitioners=[practitioner for practitioner, _ in doubtful],
        professions=[profession for _, profession in doubtful],
        members=[member for member, _ in standing_for],
        owners=[owner for _, owner in standing_for],
        known_by=known_by,
    )
    return doubtful.keys() - {(row.practitioner_id, row.profession) for row in rows}


def person_of(row: Any, merges: Merges) -> Person:
    """From a row of `SELECT_PRACTITIONERS`, with what it was merged with."""
    return Person(
        row.practitioner_id,
        row.number,
        row.name,
        _certificates.decode(row.certificates),
        _licences.decode(row.licences),
        tuple(PracticeArea(a.since, a.area.value) for a in _areas.decode(row.practice_areas)),
        merges.into.get(row.practitioner_id),
        tuple(merges.formers.get(row.practitioner_id, ())),
    )


def _record(row: Any) -> Record:
    return Record(
        id=str(row.attendance_id),
        method=row.method,
        role=row.role,
        attribute=row.attribute,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ends_on=row.ends_on,
        minutes=row.minutes,
        points=points_of(row.points, row.minutes, row.course_minutes),
        infection_control=row.infection_control,
        gender=row.gender,
        course=str(row.course_id),
        content=row.content,
        void=void_of(row.approval, row.article, row.points, row.status, for_licence=row.for_licence),
        under_change=change_of(row.change_since, row.change_reason),
        under=None if row.under == row.practitioner_id else str(row.under),
    )


def change_of(since: date | None, reason: str | None) -> OpenChange | None:
    """The examination that the approval is under, if it is."""
    return None if since is None else OpenChange(since, reason or "")


def points_of(awarded: str | None, attended: int | None, course_minutes: int) -> Decimal:
    """The approved points, in proportion where somebody attended only part of the course; to 0.01, half up."""
    if awarded is None:
        return ZERO
    points = Decimal(awarded)
    if attended is None or course_minutes in {0, attended}:
        return points
    try:
        return (points * attended / course_minutes).quantize(CENT, ROUND_HALF_UP)
    except ArithmeticError:
        return points  # no number of points: the evaluation of whoever has it says so, and stops nobody else


def void_of(approval: str, article: str, points: str | None, status: str, *, for_licence: bool) -> str | None:
    """Why an attendance counts nothing, whatever it would be worth; None when it is worth looking at.

    What serves no practice licence 執業執照 is no part of its statement, whatever became of the approval. Points that the law
    took away, from the whole course or from one profession, are void and not merely absent. Of a course that still stands,
    a line that was withdrawn says so. The order is that of the pipeline: scope, approval, attendance.
    """
    if not for_licence:
        return "WRONG_PURPOSE"
    if approval == "withdrawn" or (points is None and article == VOID_BY_LAW):
        return "RECOGNITION_VOID" if article == VOID_BY_LAW else "APPROVAL_WITHDRAWN"
    if status == "withdrawn":
        return "ATTENDANCE_WITHDRAWN"
    return None if points is not None else "ROLE_NOT_CREDITED"
