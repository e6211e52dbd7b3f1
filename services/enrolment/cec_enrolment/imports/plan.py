"""What an import will do with each row: pure decisions on what was looked up before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from cec_chassis.problems import FieldError, Refusal
from cec_contracts.codes import spellings
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import ApprovedCourse
from cec_enrolment.imports.rows import RosterRow
from cec_enrolment.practitioners.domain import Practitioner, named, the_one
from cec_enrolment.practitioners.queries import Found
from cec_enrolment.rosters.domain import Attendance, Entry, corrected_entry, entry_for

Status = Literal["recorded", "corrected", "unchanged", "refused"]
Key = tuple[UUID, UUID, ParticipantRole]
CourseOf = Callable[[RosterRow], ApprovedCourse]
"""The course of a row, if its roster may be changed; raises the refusal otherwise."""


class NumberMismatch(Refusal):
    """The row names two different people."""

    slug = "number-mismatch"
    status = 422
    title = "人員代碼與身分證或統一證號不符 / The number and the national ID name different people"


class DuplicateInFile(Refusal):
    """The same person, course and role stand in the file twice, with different minutes or professions."""

    slug = "duplicate-in-file"
    status = 422
    title = "檔案內有相同人員、課程及角色但內容不同之列 / The file contradicts itself about this person"


class Placed(msgspec.Struct, frozen=True):
    """A row whose course and person are known."""

    row: RosterRow
    course: ApprovedCourse
    person: Practitioner

    @property
    def key(self) -> Key:
        return self.course.course_id, self.person.practitioner_id, self.row.role


class RowPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a row. `entry` is set for recorded and corrected ones, `line` where there is one already."""

    row: RosterRow
    status: Status
    placed: Placed | None = None
    entry: Entry | None = None
    line: Attendance | None = None
    errors: tuple[FieldError, ...] = ()


def place(rows: Sequence[RosterRow], course_of: CourseOf, by_index: Found, by_number: Found) -> list[Placed | RowPlan]:
    """Who and where, for each row; a row for which that cannot be said is refused."""
    placed: list[Placed | RowPlan] = []
    for row in rows:
        if row.errors:
            placed.append(RowPlan(row=row, status="refused", errors=row.errors))
            continue
        try:
            placed.append(Placed(row, course_of(row), _person(row, by_index, by_number)))
        except Refusal as refusal:
            placed.append(_refused(row, refusal))
    return placed


def decide(placed: Sequence[Placed | RowPlan], lines: Mapping[Key, Attendance]) -> list[RowPlan]:
    """The plan for each row, in the order of the file; `lines` are those that the rosters have already."""
    plans: list[RowPlan] = []
    first: dict[Key, RosterRow] = {}
    for item in placed:
        if isinstance(item, RowPlan):
            plans.append(item)
            continue
        try:
            plan = _repeated(item, first) or _plan(item, lines.get(item.key))
        except Refusal as refusal:
            plans.append(_refused(item.row, refusal))
            continue
        first.setdefault(item.key, item.row)
        plans.append(plan)
    return plans


def _person(row: RosterRow, by_index: Found, by_number: Found) -> Practitioner:
    if row.national_id_index is None:
        return the_one(by_number.get(row.number or "", ()), f"{row.at}number")
    person = the_one(by_index.get(row.national_id_index, ()), f"{row.at}national_id")
    if row.number is not None and person.number not in spellings(row.number):
        raise named(NumberMismatch, f"{row.at}number")
    return person


def _repeated(item: Placed, first: Mapping[Key, RosterRow]) -> RowPlan | None:
    """A row that says again what an earlier one said changes nothing more. Raises DuplicateInFile."""
    row, earlier = item.row, first.get(item.key)
    if earlier is None:
        return None
    if (row.minutes, row.profession) != (earlier.minutes, earlier.profession):
        message = f"與第 {earlier.line} 行不同 / Differs from line {earlier.line}"
        raise named(DuplicateInFile, f"{row.at}role", message)
    return RowPlan(row=row, status="unchanged", placed=item)


def _plan(item: Placed, line: Attendance | None) -> RowPlan:
    """Somebody on the roster already keeps what the row does not speak of."""
    row, course, person = item.row, item.course, item.person
    if line is None or line.status == "withdrawn":
        entry = entry_for(course, person, row.role, row.minutes, row.profession, row.at)
        return RowPlan(row=row, status="recorded", placed=item, entry=entry, line=line)
    minutes = line.minutes if row.minutes is None else row.minutes
    profession = row.profession or line.profession
    if profession == line.profession and minutes in {line.minutes, line.minutes or course.minutes}:
        return RowPlan(row=row, status="unchanged", placed=item, line=line)
    entry = corrected_entry(course, person, line, row.role, minutes, profession, row.at)
    return RowPlan(row=row, status="corrected", placed=item, entry=entry, line=line)


def _refused(row: RosterRow, refusal: Refusal) -> RowPlan:
    return RowPlan(row=row, status="refused", errors=refusal.errors)
