"""Only a recognised review unit decides, Art. 14(2): asked in the transaction of every decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from cec_chassis.database import Transaction
from cec_contracts.identity import ReviewUnitRecognition
from cec_review.access import unit_of
from cec_review.recognitions import store
from cec_review.recognitions.domain import covered, recognised_at_all
from cec_review.recognitions.refusals import ReviewUnitNotRecognised


class Standing(NamedTuple):
    """What the caller's unit is recognised for at this moment."""

    recognitions: list[ReviewUnitRecognition]
    moment: datetime

    def require(self, professions: Iterable[str] = ()) -> None:
        """Whether the unit may decide now, and for all these professions.

        Raises:
            ReviewUnitNotRecognised: naming the professions for which it is not.
        """
        wanted = set(professions)
        if not recognised_at_all(self.recognitions, self.moment):
            raise ReviewUnitNotRecognised
        if missing := wanted - covered(self.recognitions, self.moment, wanted):
            named = "、".join(sorted(missing))
            raise ReviewUnitNotRecognised(f"未經認可審查之類別 / Not recognised for: {named}")


async def standing_of_caller(tx: Transaction) -> Standing:
    """Asked before anything else of the decision is held: news of a revocation waits for decisions that have passed
    here, and sees what they approved; and nobody waits for one another in a circle.

    Raises:
        AnotherReviewUnits: the caller belongs to no unit.
    """
    return Standing(await store.of_unit(tx, unit_of(tx.actor), lock=True), tx.now)
