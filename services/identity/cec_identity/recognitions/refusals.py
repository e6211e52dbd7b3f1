"""Why a recognition is not given or not changed."""

from __future__ import annotations

from cec_chassis.problems import Refusal


class KindMayNotReview(Refusal):
    """Art. 15(1)(1)."""

    slug = "kind-may-not-review"
    status = 409
    title = "僅全國性醫學會、學會或公會得經認可為審查單位 / Only national societies and guilds can be recognised"


class BarredFromApplying(Refusal):
    """Art. 18(3)."""

    slug = "barred-from-applying"
    status = 409
    title = "認可經廢止未滿一年，不得重新申請 / The unit's recognition was revoked less than a year before it applied"


class AlreadyRecognised(Refusal):
    """The unit is recognised for one of the professions in these days; that recognition is extended instead."""

    slug = "already-recognised"
    status = 409
    title = (
        "該類別於此期間已認可，請改辦理延長 / Already recognised for a profession in this period; extend that instead"
    )


class RecognitionRevoked(Refusal):
    """Revoked for good; a new one has to be applied for."""

    slug = "recognition-revoked"
    status = 409
    title = "認可已廢止 / The recognition was revoked"


class OrganisationNotInUse(Refusal):
    """The organisation was put out of use."""

    slug = "organisation-not-active"
    status = 409
    title = "單位已停用 / The organisation is out of use"
