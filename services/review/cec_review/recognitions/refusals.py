"""Why a review unit may not decide."""

from __future__ import annotations

from cec_chassis.problems import Refusal


class ReviewUnitNotRecognised(Refusal):
    """Its recognition was revoked, has run out, has not begun, or is for other professions, Art. 14(2)."""

    slug = "review-unit-not-recognised"
    status = 403
    title = "審查單位未經認可或認可已廢止、屆滿 / The review unit is not recognised for this, or not any more"
