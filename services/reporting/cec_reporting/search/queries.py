"""The search itself: one statement, made of the conditions that were given and no others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_chassis.http import Paging
from cec_contracts.vocabulary import Attribute, Method, Minutes, ParticipantRole
from cec_reporting.freshness import as_of
from cec_reporting.search.domain import Criteria, has_pairs


class ApprovedPoints(msgspec.Struct, frozen=True):
    """Points for the whole course in one profession and role, before any area multiplier."""

    profession: str
    role: ParticipantRole
    points: Decimal


class FoundCourse(msgspec.Struct, frozen=True, kw_only=True):
    """An approved course; `minutes` without breaks."""

    course_id: UUID
    code: str
    title: str
    attribute: Attribute
    infection_control: bool
    gender: bool
    starts_at: datetime
    ends_at: datetime
    minutes: Minutes
    points: list[ApprovedPoints]


class FoundActivity(msgspec.Struct, frozen=True, kw_only=True):
    """A passed activity with all its approved courses; `professions` are those for which one of them has points."""

    activity_id: UUID
    code: str
    title: str
    starts_on: date
    ends_on: date
    offering_unit_id: UUID
    offering_unit_name: str
    county: str
    place: str
    method: Method
    review_unit_id: UUID
    professions: list[str]
    courses: list[FoundCourse]


class FoundActivities(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what was found, by the day on which it starts; `as_of` is the time of the newest event taken in."""

    as_of: datetime | None
    items: list[FoundActivity]
    total: int
    page: int
    page_size: int


OF_ACTIVITIES: Final = {
    "activity_code": "a.code = :activity_code",
    "title": "strpos(a.title_folded, folded(:title)) > 0",
    "held_from": "a.ends_on >= :held_from",
    "held_to": "a.starts_on <= :held_to",
    "offering_unit_id": "a.offering_unit_id = :offering_unit_id",
    "offering_unit": "strpos(a.unit_folded, folded(:offering_unit)) > 0",
    "county": "a.county = :county",
    "method": "a.method = :method",
    "review_unit_id": "a.review_unit_id = :review_unit_id",
}
OF_COURSES: Final = {
    "course_code": "c.code = :course_code",
    "course_title": "strpos(c.title_folded, folded(:course_title)) > 0",
    "infection_control": "c.infection_control",
    "gender": "c.gender",
    "profession": "c.awards @> jsonb_build_array(jsonb_build_object('profession', CAST(:profession AS text)))",
    "attribute": "c.attribute = :attribute",
    "upcoming": "c.starts_at > :now AND c.held_on >= :today",  # the second for the index
}
PAIRS: Final = {
    "title": "letter_pairs(a.title_folded) @> letter_pairs(folded(:title))",
    "offering_unit": "letter_pairs(a.unit_folded) @> letter_pairs(folded(:offering_unit))",
    "course_title": "letter_pairs(c.title_folded) @> letter_pairs(folded(:course_title))",
}
"""What the indexes of pairs narrow a text down to, before it is looked for itself."""

# A course is approved only when its activity has passed, and withdrawn with it; so the approval is what is asked.
OFFERED: Final = "c.activity_id = a.activity_id AND c.offered"
SEARCH: Final = """
WITH found AS MATERIALIZED (
    SELECT a.activity_id, a.starts_on FROM activities a
    WHERE {of_activities} AND EXISTS (SELECT FROM courses c WHERE {of_courses})
), page AS (
    SELECT * FROM found ORDER BY starts_on {direction}, activity_id {direction} LIMIT :limit OFFSET :offset
)
SELECT counted.total, a.activity_id, a.code, a.title, a.starts_on, a.ends_on, a.offering_unit_id, a.offering_unit_name,
       a.county, a.place, a.method, a.review_unit_id, offered.courses
FROM (SELECT count(*) AS total FROM found) AS counted
LEFT JOIN page ON true
LEFT JOIN activities a ON a.activity_id = page.activity_id
LEFT JOIN LATERAL (
    SELECT CAST(jsonb_agg(jsonb_build_object(
               'course_id', c.course_id, 'code', c.code, 'title', c.title, 'attribute', c.attribute,
               'infection_control', c.infection_control, 'gender', c.gender, 'starts_at', c.starts_at,
               'ends_at', c.ends_at, 'minutes', c.minutes, 'points', c.awards)
               ORDER BY c.starts_at, c.code) AS text) AS courses
    FROM courses c WHERE {offered}
) AS offered ON true
ORDER BY page.starts_on {direction}, page.activity_id {direction}
"""
# A plan for any words at all would not know how rare these are.
PLAN_FOR_THESE_WORDS: Final = "SET LOCAL plan_cache_mode = force_custom_plan"


def sql_of(criteria: Criteria, *, latest_first: bool = False) -> str:
    """The statement for the criteria that were given. Raises CriterionRequired."""
    given = criteria.given()
    pairs = {name: PAIRS[name] for name in given & PAIRS.keys() if has_pairs(getattr(criteria, name))}
    return SEARCH.format(
        of_activities=_all("a.status <> 'withdrawn'", given, OF_ACTIVITIES, pairs),
        of_courses=_all(OFFERED, given, OF_COURSES, pairs),
        offered=OFFERED,
        direction="DESC" if latest_first else "ASC",
    )


def _all(always: str, given: Iterable[str], conditions: dict[str, str], pairs: dict[str, str]) -> str:
    named = sorted(set(given) & conditions.keys())  # one order, one text, one prepared statement
    return " AND ".join([always, *(pairs[name] for name in named if name in pairs), *(conditions[n] for n in named)])


def values_of(criteria: Criteria, now: datetime) -> dict[str, Any]:
    """The values that the statement names."""
    found = msgspec.to_builtins(criteria, builtin_types=(UUID, date))
    flags = {"infection_control", "gender", "upcoming"}
    values = {name: found[name] for name in criteria.given() - flags}
    return values | ({"now": now, "today": taipei_date(now)} if criteria.upcoming else {})


async def search(tx: Transaction, criteria: Criteria, paging: Paging, *, latest_first: bool = False) -> FoundActivities:
    """What was found, by the day it starts, ten thousand or one. Raises CriterionRequired."""
    sql = sql_of(criteria, latest_first=latest_first)
    fresh = await as_of(tx)
    await tx.execute(PLAN_FOR_THESE_WORDS)
    rows = await tx.all(sql, **values_of(criteria, tx.now), limit=paging.limit, offset=paging.offset)
    return FoundActivities(
        as_of=fresh,
        items=[_activity(row._mapping) for row in rows if row.activity_id is not None],
        total=rows[0].total,
        page=paging.page,
        page_size=paging.page_size,
    )


def _activity(row: Any) -> FoundActivity:
    courses = msgspec.json.decode(row["courses"], type=list[FoundCourse])
    professions = sorted({points.profession for course in courses for points in course.points})
    return msgspec.convert({**row, "courses": courses, "professions": professions}, FoundActivity)
