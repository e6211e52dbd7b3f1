"""Whether a review unit may decide, Art. 14(2), and what of its decisions has no effect, Art. 18(2). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from uuid import UUID

import msgspec

from cec_chassis.clock import TAIPEI, taipei_date
from cec_contracts.identity import Breach, ReviewUnitRecognition


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """When the points of an approval were decided: with the case, and with the latest change."""

    course_id: UUID
    professions: frozenset[str]
    """Those that are given points."""
    moments: tuple[datetime, ...]


class Void(msgspec.Struct, frozen=True, kw_only=True):
    """Professions of a course for which the approval has no effect, by which article and why."""

    course_id: UUID
    professions: frozenset[str]
    article: str
    reason: str


def covered(recognitions: Iterable[ReviewUnitRecognition], moment: datetime, professions: Iterable[str]) -> set[str]:
    """Those of the professions for which a unit with these recognitions was recognised at that moment."""
    wanted = set(professions)
    found: set[str] = set()
    for recognition in recognitions:
        if _in_force(recognition, moment):
            found |= wanted & set(recognition.professions) if recognition.professions else wanted
    return found


def recognised_at_all(recognitions: Iterable[ReviewUnitRecognition], moment: datetime) -> bool:
    """Whether the unit was recognised for anything at that moment."""
    return any(_in_force(recognition, moment) for recognition in recognitions)


def reach(recognition: ReviewUnitRecognition) -> tuple[list[UUID], datetime | None]:
    """The courses that findings name, and the first moment that a finding or the revocation reaches back to, if any."""
    named = [course_id for breach in recognition.breaches for course_id in breach.course_ids]
    firsts = [
        datetime.combine(breach.decided_from, time(), TAIPEI)
        for breach in recognition.breaches
        if breach.decided_from is not None
    ]
    if recognition.revoked_at is not None:
        firsts.append(recognition.revoked_at)
    return named, min(firsts, default=None)


def void_by_breach(recognition: ReviewUnitRecognition, decided: Sequence[Decided]) -> list[Void]:
    """What the findings about this recognition name, of the professions that it is for. Art. 18(2)."""
    found: list[Void] = []
    for one in decided:
        named = _under(recognition, one.professions)
        breach = next((breach for breach in recognition.breaches if _names(breach, one)), None)
        if breach is not None and named:
            found.append(Void(course_id=one.course_id, professions=named, article="18(2)", reason=breach.reason))
    return found


def void_by_revocation(
    recognition: ReviewUnitRecognition, all_of_unit: Sequence[ReviewUnitRecognition], decided: Sequence[Decided]
) -> list[Void]:
    """What was decided after the revocation and before we heard of it, and is not covered otherwise. Art. 14(2)."""
    if recognition.revoked_at is None:
        return []
    found: list[Void] = []
    for one in decided:
        late = [moment for moment in one.moments if moment > recognition.revoked_at]
        bare = {code for moment in late for code in one.professions - covered(all_of_unit, moment, one.professions)}
        named = _under(recognition, frozenset(bare))
        if named:
            found.append(Void(course_id=one.course_id, professions=named, article="14(2)", reason=recognition.reason))
    return found


def _in_force(recognition: ReviewUnitRecognition, moment: datetime) -> bool:
    day = taipei_date(moment)
    if recognition.revoked_at is not None and moment >= recognition.revoked_at:
        return False
    return recognition.valid_from <= day and (recognition.valid_until is None or day <= recognition.valid_until)


def _under(recognition: ReviewUnitRecognition, professions: frozenset[str]) -> frozenset[str]:
    return professions & frozenset(recognition.professions) if recognition.professions else professions


def _names(breach: Breach, decided: Decided) -> bool:
    if breach.decided_from is None or breach.decided_until is None:
        return decided.course_id in breach.course_ids
    return any(_within(breach.decided_from, breach.decided_until, moment) for moment in decided.moments)


def _within(first: date, last: date, moment: datetime) -> bool:
    return first <= taipei_date(moment) <= last
