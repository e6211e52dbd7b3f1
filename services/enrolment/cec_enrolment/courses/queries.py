"""Approved courses with their roster's deadline, as lists and headers of rosters."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import Row

from cec_chassis.clock import TAIPEI, taipei_date
from cec_chassis.context import Actor
from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.review import Award
from cec_contracts.vocabulary import AccountRole
from cec_enrolment.courses.domain import NotYourRoster, RosterNotFound

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9000, 1, 1)


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """The roster of an approved course. `attendances` counts those on it, withdrawn lines left out.

    `open`: the roster may be changed today; `roster_deadline` 登錄期限 is the last Asia/Taipei day of that.
    `awards`: the approved points 核給積分 of the whole course by profession and role.
    """

    course_id: UUID
    course_code: str
    course_title: str
    activity_id: UUID
    activity_code: str
    activity_title: str
    offering_unit_id: UUID
    offering_unit_name: str
    review_unit_id: UUID
    starts_at: datetime
    ends_at: datetime
    minutes: int
    awards: list[Award]
    roster_deadline: date
    status: Literal["approved", "withdrawn"]
    open: bool
    attendances: int


class RosterFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller searches for. Dates are Asia/Taipei days on which the course begins, both included."""

    text: str | None = None
    held_from: date | None = None
    held_to: date | None = None
    open_only: bool = False


COLUMNS = """
c.course_id, c.course_code, c.course_title, c.activity_id, c.activity_code, c.activity_title, c.offering_unit_id,
c.offering_unit_name, c.review_unit_id, c.starts_at, c.ends_at, c.minutes, CAST(c.awards AS text) AS awards,
c.roster_deadline, c.status,
(SELECT count(*) FROM attendances a WHERE a.course_id = c.course_id AND a.status = 'recorded') AS attendances
"""
WHERE = """
(CAST(:offering_unit_id AS uuid) IS NULL OR c.offering_unit_id = :offering_unit_id)
AND (CAST(:review_unit_id AS uuid) IS NULL OR c.review_unit_id = :review_unit_id)
AND c.starts_at >= :since AND c.starts_at < :before
AND (CAST(:text AS text) IS NULL
     OR strpos(lower(concat_ws(' ', c.course_code, c.course_title, c.activity_code, c.activity_title)), lower(:text)) > 0)
AND (NOT CAST(:open_only AS boolean) OR (c.status = 'approved' AND c.roster_deadline >= :today))
"""
LIST = f"""
SELECT {COLUMNS} FROM approved_courses c WHERE {WHERE}
ORDER BY c.starts_at DESC, c.course_id LIMIT :limit OFFSET :offset
"""
TOTAL = f"SELECT count(*) FROM approved_courses c WHERE {WHERE}"
ONE = f"SELECT {COLUMNS} FROM approved_courses c WHERE c.course_id = :course_id"


async def rosters_for(tx: Transaction, actor: Actor, wanted: RosterFilter, paging: Paging) -> Page[Roster]:
    """The rosters this caller may see, latest course first: a unit's own, those a review unit has approved, or all."""
    today = taipei_date(tx.now)
    parameters = {
        "offering_unit_id": _own(actor, AccountRole.OFFERING_UNIT),
        "review_unit_id": _own(actor, AccountRole.REVIEW_UNIT),
        "since": _begin_of(wanted.held_from or FIRST_DAY),
        "before": _begin_of((wanted.held_to or LAST_DAY) + timedelta(days=1)),
        "text": wanted.text,
        "open_only": wanted.open_only,
        "today": today,
    }
    total = await tx.scalar(TOTAL, **parameters)
    rows = await tx.all(LIST, **parameters, limit=paging.limit, offset=paging.offset)
    return paging.of([_roster(row, today) for row in rows], total)


async def roster_of(tx: Transaction, actor: Actor, course_id: UUID) -> Roster:
    """Raises RosterNotFound, NotYourRoster."""
    row = await tx.one_or_none(ONE, course_id=course_id)
    if row is None:
        raise RosterNotFound
    if not may_read(actor, row.offering_unit_id, row.review_unit_id):
        raise NotYourRoster
    return _roster(row, taipei_date(tx.now))


def may_read(actor: Actor, offering_unit_id: UUID, review_unit_id: UUID) -> bool:
    """The unit that offers, the unit that reviews, and the administrator."""
    return (
        actor.role == AccountRole.SYSTEM_ADMINISTRATOR
        or (actor.role == AccountRole.OFFERING_UNIT and actor.organisation_id == offering_unit_id)
        or (actor.role == AccountRole.REVIEW_UNIT and actor.organisation_id == review_unit_id)
    )


def _own(actor: Actor, role: AccountRole) -> UUID | None:
    """The unit to whose rosters a caller of this role is confined; a unit account without a unit sees nothing."""
    return (actor.organisation_id or UUID(int=0)) if actor.role == role else None


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), TAIPEI)


_awards = msgspec.json.Decoder(list[Award])


def _roster(row: Row[Any], today: date) -> Roster:
    return Roster(
        course_id=row.course_id,
        course_code=row.course_code,
        course_title=row.course_title,
        activity_id=row.activity_id,
        activity_code=row.activity_code,
        activity_title=row.activity_title,
        offering_unit_id=row.offering_unit_id,
        offering_unit_name=row.offering_unit_name,
        review_unit_id=row.review_unit_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        minutes=row.minutes,
        awards=_awards.decode(row.awards),
        roster_deadline=row.roster_deadline,
        status=row.status,
        open=row.status == "approved" and today <= row.roster_deadline,
        attendances=row.attendances,
    )
