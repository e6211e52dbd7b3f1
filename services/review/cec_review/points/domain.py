"""Awards 核給積分: points for a whole course by profession and role, before any area multiplier. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cec_chassis.problems import FieldError
from cec_contracts.vocabulary import ParticipantRole, ProfessionCode

HUNDREDTH = Decimal("0.01")
ABOVE_SUGGESTION: Final = "above-suggestion"

PointsText = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,4}(\.[0-9]{1,2})?$",
        description="積分, at most two decimals, as a string such as 3.60; a number would lose digits on its way",
        extra={
            "form": '須為不小於 0、至多兩位小數之數字,以文字傳送,例如 "3.60"'
            ' / a number of at most two decimals, not negative, sent as text, such as "3.60"'
        },
    ),
]


class RequestedAward(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points a review unit wants to give to everybody of a profession who takes part in a role."""

    profession: ProfessionCode
    role: ParticipantRole
    points: PointsText


class Award(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Points that are given. Exact, two decimals."""

    profession: str
    role: ParticipantRole
    points: Decimal


def quantised(points: Decimal) -> Decimal:
    """To hundredths, half up: 0.005 is 0.01."""
    return points.quantize(HUNDREDTH, ROUND_HALF_UP)


def award_of(requested: RequestedAward) -> Award:
    """Always with two decimals."""
    return Award(profession=requested.profession, role=requested.role, points=quantised(Decimal(requested.points)))


def awards_of(requested: Sequence[RequestedAward]) -> list[Award]:
    """As they will be kept and told: ordered by profession and role."""
    return sorted(award_of(award) for award in requested)


def above(award: Award, suggested: Decimal, how: tuple[str, str], path: str) -> FieldError:
    """A warning that more is given than the formula makes of the minutes; `how` is the formula in Chinese and English."""
    zh, en = how
    return FieldError(
        path,
        ABOVE_SUGGESTION,
        f"核給 {award.points} 點,高於依公式之 {suggested} 點({zh});如屬誤植請變更核定"
        f" / {award.points} points are above the {suggested} of the formula ({en}); if it is a slip, change the approval",
    )


def award_errors(requested: Sequence[RequestedAward], applied_for: Collection[str], path: str) -> Iterator[FieldError]:
    """What is wrong with the awards of one course.

    `applied_for` are the professions the activity applied for; `path` is where the list stands in the request.
    """
    if not requested:
        yield FieldError(path, "required", "至少須核給一項積分 / At least one award is needed")
    seen: set[tuple[str, ParticipantRole]] = set()
    for index, award in enumerate(requested):
        here = f"{path}[{index}]"
        if award.profession not in applied_for:
            yield FieldError(
                f"{here}.profession",
                "profession-not-applied-for",
                f"活動未申請此類別 / The activity did not apply for profession {award.profession}",
            )
        if (award.profession, award.role) in seen:
            yield FieldError(here, "duplicate", "同一類別與角色重複 / This profession and role are named twice")
        seen.add((award.profession, award.role))
        if not Decimal(award.points):
            yield FieldError(f"{here}.points", "not-positive", "積分須大於零 / Points must be more than zero")
