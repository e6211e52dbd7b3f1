"""The recognition of a review unit, Arts 14(2) and 15 to 18 of the regulation on practice registration and continuing
education of medical personnel 醫事人員執業登記及繼續教育辦法. Pure.

Art. 18(1) lets the Ministry revoke it on four grounds. Only the first, reviewing contrary to the rules or to the unit's
own plan, touches what was recognised, and of that only what was recognised contrary to the rules, Art. 18(2): those
courses are named, or the days on which they were decided. Whoever was revoked may not apply for a year, Art. 18(3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cec_chassis.clock import taipei_date


class Ground(StrEnum):
    """Why a recognition is revoked, Art. 18(1)."""

    IMPROPER_REVIEW = "improper_review"  # 未依規定或計畫書審查，情節重大
    IMPROPER_FEES = "improper_fees"  # 超收費用或擅立項目
    OBSTRUCTION = "obstruction"  # 規避、妨礙或拒絕查核
    MEMBERSHIP = "membership"  # 會員人數不符第十五條

    @property
    def article(self) -> str:
        """`18(1)(1)` to `18(1)(4)`."""
        return f"18(1)({list(Ground).index(self) + 1})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What was recognised contrary to the rules: named courses, or all that was decided between two days, both counted."""

    breach_id: UUID
    course_ids: tuple[UUID, ...] = ()
    decided_from: date | None = None
    decided_until: date | None = None
    reason: str
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """A recognition with everything that was found since. `version` counts the changes others were told of."""

    recognition_id: UUID
    organisation_id: UUID
    professions: tuple[str, ...]
    """Empty for a unit that was registered without saying: every profession."""
    applied_on: date
    valid_from: date
    valid_until: date | None
    """The last day; None is without end."""
    document: str
    """核定文號."""
    revoked_at: datetime | None = None
    ground: Ground | None = None
    reason: str = ""
    breaches: tuple[Breach, ...] = ()
    version: int = 1

    @property
    def may_apply_from(self) -> date | None:
        """The first day on which the unit may apply again; None while it is not revoked."""
        return None if self.revoked_at is None else may_apply_from(taipei_date(self.revoked_at))

    def in_force(self, day: date) -> bool:
        """Whether the unit may decide on that day by this recognition, as far as is known now."""
        begun = self.valid_from <= day
        ended = self.valid_until is not None and day > self.valid_until
        return begun and not ended and self.revoked_at is None

    def clashes_with(self, professions: tuple[str, ...], valid_from: date, valid_until: date | None) -> bool:
        """Whether another recognition for these professions and days would say the same twice."""
        if self.revoked_at is not None:
            return False
        both = not professions or not self.professions or bool(set(professions) & set(self.professions))
        apart = (valid_until is not None and valid_until < self.valid_from) or (
            self.valid_until is not None and self.valid_until < valid_from
        )
        return both and not apart

    def extended(self, valid_until: date | None) -> Recognition:
        """Lasting until another day."""
        return replace(self, valid_until=valid_until, version=self.version + 1)

    def revoked(self, ground: Ground, reason: str, at: datetime, breaches: tuple[Breach, ...]) -> Recognition:
        """Without effect from this moment on."""
        return replace(
            self,
            revoked_at=at,
            ground=ground,
            reason=reason,
            breaches=(*self.breaches, *breaches),
            version=self.version + 1,
        )

    def with_breach(self, breach: Breach) -> Recognition:
        """With one finding more."""
        return replace(self, breaches=(*self.breaches, breach), version=self.version + 1)


def may_apply_from(revoked_on: date) -> date:
    """一年內不得重新申請: a year that begins on the day after the revocation (Civil Code 120(2), 121(2)).

    Revoked on 2026-03-10: again from 2027-03-11. A year from 28 February before a leap day ends with that February.
    """
    first = revoked_on + timedelta(days=1)
    try:
        return first.replace(year=first.year + 1)
    except ValueError:  # 29 February
        return date(first.year + 1, 3, 1)


def reviewed_professions(recognitions: tuple[Recognition, ...], day: date) -> tuple[bool, tuple[str, ...]]:
    """Whether a unit with these recognitions reviews courses on that day, and for which professions; none is all."""
    valid = [recognition for recognition in recognitions if recognition.in_force(day)]
    if any(not recognition.professions for recognition in valid):
        return True, ()
    return bool(valid), tuple(sorted({code for recognition in valid for code in recognition.professions}))
