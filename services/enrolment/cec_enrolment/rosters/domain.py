"""The rules of a roster: who may stand on it, as which profession, in which role, for how many minutes. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from cec_chassis.problems import Refusal
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.courses.domain import ApprovedCourse
from cec_enrolment.practitioners.domain import Practitioner, named


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a roster as it stands. `version` is the sequence of its news; a withdrawn line stays and may come back.

    `minutes` is null for somebody who attended the whole course. `recorded_at` 登錄時間 is when the line was put, or
    put back, on the roster.
    """

    attendance_id: UUID
    course_id: UUID
    activity_id: UUID
    practitioner_id: UUID
    profession: str
    role: ParticipantRole
    minutes: int | None
    status: Literal["recorded", "withdrawn"]
    reason: str
    version: int
    recorded_at: datetime
    changed_at: datetime


class Entry(msgspec.Struct, frozen=True):
    """What a line says, once the rules have agreed to it."""

    profession: str
    role: ParticipantRole
    minutes: int | None


class AttendanceNotFound(Refusal):
    """No roster has such a line."""

    slug = "attendance-not-found"
    status = 404
    title = "查無此筆出席紀錄 / No such attendance"


class AlreadyOnRoster(Refusal):
    """One line for each person, course and role."""

    slug = "already-on-roster"
    status = 409
    title = "此人已以該角色登錄於名冊 / The person is on the roster in this role already"


class WithdrawnInThatRole(Refusal):
    """The person's line in the wanted role was withdrawn; it is put back by adding it, not by changing another one."""

    slug = "withdrawn-in-that-role"
    status = 409
    title = (
        "此人以該角色之紀錄已撤銷，請撤銷本筆後重新登錄 / "
        "The line in that role was withdrawn: withdraw this one and add that one again"
    )


class AttendanceWithdrawn(Refusal):
    """A withdrawn line is neither corrected nor withdrawn again; adding the person puts it back."""

    slug = "attendance-withdrawn"
    status = 409
    title = "此筆出席紀錄已撤銷 / The attendance was withdrawn"


class NothingToCorrect(Refusal):
    """A correction that names no field."""

    slug = "nothing-to-correct"
    status = 422
    title = "未指明要更正的欄位 / Nothing to correct was given"


class RoleNotCredited(Refusal):
    """The approval gives nobody points in this role."""

    slug = "role-not-credited"
    status = 422
    title = "本課程未核給此角色積分 / The course gives no points in this role"


class ProfessionNotHeld(Refusal):
    """The person has no certificate of that profession."""

    slug = "profession-not-held"
    status = 422
    title = "此人無該類別證書 / The person holds no certificate of that profession"


class ProfessionNotCredited(Refusal):
    """The approval gives no points in this role to the profession, or to any profession the person holds."""

    slug = "profession-not-credited"
    status = 422
    title = "本課程未核給此人員類別該角色積分 / The course gives this profession no points in this role"


class ProfessionAmbiguous(Refusal):
    """Several of the person's professions get points; the request must say which one attended."""

    slug = "profession-ambiguous"
    status = 422
    title = "請指明以何類別登錄 / Say as which profession the person attended"


class MinutesOutOfRange(Refusal):
    """Nobody attends less than a minute or more than the course has."""

    slug = "minutes-out-of-range"
    status = 422
    title = "出席分鐘數超出課程時間 / The minutes are not within the course"


def entry_for(
    course: ApprovedCourse,
    person: Practitioner,
    role: ParticipantRole,
    minutes: int | None,
    profession: str | None,
    at: str,
) -> Entry:
    """The line that the rules allow. `at` is where the request has its fields, for example `body.` or `rows[17].`.

    Raises:
        RoleNotCredited, ProfessionNotHeld, ProfessionNotCredited, ProfessionAmbiguous, MinutesOutOfRange
    """
    return Entry(profession_for(course, person, role, profession, at), role, minutes_within(course, minutes, at))


def corrected_entry(
    course: ApprovedCourse,
    person: Practitioner,
    line: Attendance,
    role: ParticipantRole,
    minutes: int | None,
    profession: str,
    at: str,
) -> Entry:
    """What a line may say instead. Role and profession are judged only when one of them changes: what was agreed to
    once stays, though the approval or the person's certificates have changed since.

    Raises the same as `entry_for`.
    """
    if (role, profession) == (line.role, line.profession):
        return Entry(profession, role, minutes_within(course, minutes, at))
    return entry_for(course, person, role, minutes, profession, at)


def profession_for(
    course: ApprovedCourse, person: Practitioner, role: ParticipantRole, given: str | None, at: str
) -> str:
    """The profession as which the person attends: the given one, or the only one of theirs that gets points.

    Raises:
        RoleNotCredited, ProfessionNotHeld, ProfessionNotCredited, ProfessionAmbiguous
    """
    credited = course.professions_credited_for(role)
    if not credited:
        raise named(RoleNotCredited, f"{at}role")
    if given is not None:
        if given not in person.professions:
            raise named(ProfessionNotHeld, f"{at}profession")
        if given not in credited:
            raise named(ProfessionNotCredited, f"{at}profession")
        return given
    possible = sorted(credited & person.professions)
    if not possible:
        raise named(ProfessionNotCredited, f"{at}profession")
    if len(possible) > 1:
        listed = ", ".join(possible)
        raise named(ProfessionAmbiguous, f"{at}profession", f"可為 {listed}，請擇一 / One of {listed} must be named")
    return possible[0]


def minutes_within(course: ApprovedCourse, minutes: int | None, at: str) -> int | None:
    """The minutes as they are kept: null for the whole course. Raises MinutesOutOfRange."""
    if minutes is None or minutes == course.minutes:
        return None
    if not 1 <= minutes <= course.minutes:
        message = f"須介於 1 與 {course.minutes} 分鐘 / Between 1 and {course.minutes} minutes"
        raise named(MinutesOutOfRange, f"{at}minutes", message)
    return minutes
