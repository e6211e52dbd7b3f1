"""Who of a course's lecturers 講師 is a practitioner, and how long their own part of it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from cec_contracts.activities import Course

Span = tuple[datetime, datetime]


class Lecturer(msgspec.Struct, frozen=True, kw_only=True):
    """A practitioner who lectures in the course, with the minutes of their own part."""

    practitioner_id: UUID
    minutes: int


def lecturers_of(course: Course) -> list[Lecturer]:
    """Each practitioner once, with the minutes of all their parts together and no more than the course has.

    Minutes are the lecturer's own, from and to, and not the course's; whoever is listed twice for the same time has it once.
    Who is no practitioner is left out: no credit follows for them. So is a part of less than a minute.
    """
    parts: dict[UUID, list[Span]] = {}
    for lecturer in course.lecturers:
        if lecturer.practitioner_id is not None:
            parts.setdefault(lecturer.practitioner_id, []).append((lecturer.starts_at, lecturer.ends_at))
    found = (
        Lecturer(practitioner_id=person, minutes=min(_minutes(spans), course.minutes))
        for person, spans in sorted(parts.items())
    )
    return [lecturer for lecturer in found if lecturer.minutes]


def _minutes(spans: Iterable[Span]) -> int:
    """Whole minutes covered by these spans, time that several cover once."""
    covered, until = timedelta(), None
    for begins, ends in sorted(spans):
        fresh_from = begins if until is None else max(begins, until)
        if ends > fresh_from:
            covered += ends - fresh_from
            until = ends
    return int(covered.total_seconds() // 60)
