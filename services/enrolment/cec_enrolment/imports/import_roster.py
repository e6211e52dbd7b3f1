"""Take in the rows of a roster file: one transaction, a handful of statements however many rows there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, Refusal
from cec_contracts.enrolment import ATTENDANCE_CORRECTED, ATTENDANCE_RECORDED
from cec_enrolment.courses.domain import ApprovedCourse, RosterNotFound, ensure_keeper, ensure_open
from cec_enrolment.courses.store import course_for_many_changes, courses_for_many_changes
from cec_enrolment.imports.plan import CourseOf, Key, Placed, RowPlan, Status, decide, place
from cec_enrolment.imports.rows import RosterRow
from cec_enrolment.practitioners.domain import named
from cec_enrolment.practitioners.queries import practitioners_by_index, practitioners_by_number
from cec_enrolment.publishes import tell
from cec_enrolment.rosters.domain import Attendance
from cec_enrolment.rosters.store import ChangedLine, NewLine, change_lines, lines_of, put_on_roster

REASON = "檔案匯入 / File import"
MOST_ERRORS = 500
"""Errors told when a whole file is refused; the rest shows in a dry run."""


class ImportRefused(Refusal):
    """All or nothing was asked for, and some rows cannot be taken in; nothing was."""

    slug = "import-refused"
    status = 422
    title = "檔案有不符之列，全部未匯入 / Some rows are not acceptable; nothing was taken in"


class CourseAmbiguous(Refusal):
    """Several approved courses have this code."""

    slug = "course-ambiguous"
    status = 422
    title = "課程代碼對應多門課程 / More than one course has this code"


class ImportRoster(msgspec.Struct, frozen=True, kw_only=True):
    """Without `course_id`, each row names its course by code. A dry run decides everything and writes nothing."""

    course_id: UUID | None
    rows: Sequence[RosterRow]
    mode: Literal["partial", "all"] = "partial"
    dry_run: bool = False
    file_digest: str = ""


class RowResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of line `line` of the file; refused ones have errors, the others an attendance once it exists."""

    line: int
    status: Status
    attendance_id: UUID | None = None
    errors: tuple[FieldError, ...] = ()


class ImportResult(msgspec.Struct, frozen=True, kw_only=True):
    """The counts add up to `rows`."""

    import_id: UUID
    dry_run: bool
    rows: int
    recorded: int
    corrected: int
    unchanged: int
    refused: int
    results: list[RowResult]


async def import_roster(tx: Transaction, command: ImportRoster) -> ImportResult:
    """Takes the rows in. The same file a second time changes nothing and tells nothing.

    Raises:
        RosterNotFound, NotYourRoster, CourseApprovalWithdrawn, RosterClosed: for the one course of the request.
        ImportRefused: mode `all` and a row is refused.
    """
    course_of = await _courses(tx, command)
    by_index = await practitioners_by_index(tx, (r.national_id_index for r in command.rows if r.national_id_index))
    by_number = await practitioners_by_number(tx, (r.number for r in command.rows if r.number))
    placed = place(command.rows, course_of, by_index, by_number)
    plans = decide(placed, await _existing_lines(tx, placed))
    if command.mode == "all" and not command.dry_run:
        _refuse_all(plans)
    written = {} if command.dry_run else await _write(tx, plans)
    result = _result(command, plans, written)
    if not command.dry_run:
        _audit_import(tx, command, result)
    return result


async def _courses(tx: Transaction, command: ImportRoster) -> CourseOf:
    """How to find the course of a row; every course in question is held until we commit."""
    today = taipei_date(tx.now)
    if command.course_id is not None:
        one = await course_for_many_changes(tx, command.course_id)
        ensure_keeper(one, tx.actor)
        ensure_open(one, today)
        return lambda _row: one
    by_code = await courses_for_many_changes(tx, (row.course_code for row in command.rows if not row.errors))
    judged = {code: _judged(tx, courses) for code, courses in by_code.items()}

    def course_of(row: RosterRow) -> ApprovedCourse:
        course = judged.get(row.course_code, RosterNotFound)
        if isinstance(course, ApprovedCourse):
            return course
        raise named(course, f"{row.at}course_code")

    return course_of


def _judged(tx: Transaction, courses: Sequence[ApprovedCourse]) -> ApprovedCourse | type[Refusal]:
    """The course of a code when its roster may be changed, else why not. A withdrawn namesake is passed over."""
    candidates = [course for course in courses if course.approved] or list(courses)
    if len(candidates) > 1:
        return CourseAmbiguous
    try:
        ensure_keeper(candidates[0], tx.actor)
        ensure_open(candidates[0], taipei_date(tx.now))
    except Refusal as refusal:
        return type(refusal)
    return candidates[0]


async def _existing_lines(tx: Transaction, placed: Sequence[Placed | RowPlan]) -> dict[Key, Attendance]:
    known = [item for item in placed if isinstance(item, Placed)]
    records = {record for item in known for record in (item.person.practitioner_id, *item.person.former_ids)}
    lines = await lines_of(tx, {item.course.course_id for item in known}, records)
    by_record: dict[Key, list[Attendance]] = {}
    for line in lines:
        by_record.setdefault((line.course_id, line.practitioner_id, line.role), []).append(line)
    found = {item.key: _line_of(item, by_record) for item in known}
    return {key: line for key, line in found.items() if line is not None}


def _line_of(item: Placed, by_record: Mapping[Key, Sequence[Attendance]]) -> Attendance | None:
    """The line a row is about. Somebody whom the system put on the roster may have one for each profession: that of the row
    comes first, then one that is recorded, then one of a former record, of which only recorded ones count."""
    course_id, person, role = item.key
    own = by_record.get(item.key, ())
    former = [
        line
        for record in sorted(item.person.former_ids)
        for line in by_record.get((course_id, record, role), ())
        if line.status == "recorded"
    ]
    named = item.row.profession

    def rank(line: Attendance) -> tuple[bool, bool, bool, str]:
        other_profession = named is not None and line.profession != named
        return other_profession, line.status != "recorded", line.practitioner_id != person, line.profession

    return min([*own, *former], key=rank, default=None)


def _refuse_all(plans: Sequence[RowPlan]) -> None:
    refused = [plan for plan in plans if plan.status == "refused"]
    if refused:
        errors = [error for plan in refused for error in plan.errors]
        raise ImportRefused(
            f"{len(refused)} 列不符，未匯入任何資料 / {len(refused)} rows are not acceptable; nothing was taken in",
            errors=errors[:MOST_ERRORS],
        )


async def _write(tx: Transaction, plans: Sequence[RowPlan]) -> dict[Key, Attendance]:
    """The lines that were written, by course, person and role."""
    new, changed = [], []
    before: dict[UUID, Attendance] = {}
    for plan in plans:
        if plan.placed is None or plan.entry is None:
            continue
        if plan.line is not None:
            before[plan.line.attendance_id] = plan.line
        if plan.status == "corrected" and plan.line is not None:
            changed.append(ChangedLine(plan.line.attendance_id, plan.entry))
        else:
            new.append(NewLine(plan.placed.course, plan.placed.person.practitioner_id, plan.entry))
    recorded = await put_on_roster(tx, new) if new else []
    corrected = await change_lines(tx, changed, REASON) if changed else []
    # the rosters are held, so nobody can have come between the decision and these statements
    assert len(recorded) == len(new)
    assert len(corrected) == len(changed)
    for action, event, lines in (
        ("attendance.recorded", ATTENDANCE_RECORDED, recorded),
        ("attendance.corrected", ATTENDANCE_CORRECTED, corrected),
    ):
        for line in lines:
            tell(tx, event, line)
            tx.audit(
                action,
                subject_type="attendance",
                subject_id=line.attendance_id,
                reason=REASON,
                before=before.get(line.attendance_id),
                after=line,
            )
    return {(line.course_id, line.practitioner_id, line.role): line for line in (*recorded, *corrected)}


def _result(command: ImportRoster, plans: Sequence[RowPlan], written: dict[Key, Attendance]) -> ImportResult:
    results = [
        RowResult(line=plan.row.line, status=plan.status, attendance_id=_id_of(plan, written), errors=plan.errors)
        for plan in plans
    ]
    count = [result.status for result in results].count
    return ImportResult(
        import_id=new_id(),
        dry_run=command.dry_run,
        rows=len(results),
        recorded=count("recorded"),
        corrected=count("corrected"),
        unchanged=count("unchanged"),
        refused=count("refused"),
        results=results,
    )


def _id_of(plan: RowPlan, written: dict[Key, Attendance]) -> UUID | None:
    if plan.placed is None:
        return None
    line = written.get(plan.placed.key) or plan.line
    return None if line is None else line.attendance_id


def _audit_import(tx: Transaction, command: ImportRoster, result: ImportResult) -> None:
    tx.audit(
        "roster.imported",
        subject_type="import",
        subject_id=result.import_id,
        after={
            "course_id": command.course_id,
            "file_sha256": command.file_digest,
            "rows": result.rows,
            "recorded": result.recorded,
            "corrected": result.corrected,
            "unchanged": result.unchanged,
            "refused": result.refused,
        },
    )
