"""Why this service says no."""

from __future__ import annotations

from cec_chassis.problems import Refusal


class ActivityNotFound(Refusal):
    """There is no such activity."""

    slug = "activity-not-found"
    status = 404
    title = "查無此活動 / There is no such activity"


class AnotherUnitsActivity(Refusal):
    """The caller's unit neither offers nor reviews this activity."""

    slug = "another-units-activity"
    status = 403
    title = "非貴單位之活動 / The activity belongs to another unit"


class ProposalNotAcceptable(Refusal):
    """The proposal can be read, and breaks a rule of the form; `errors` says where."""

    slug = "proposal-not-acceptable"
    status = 422
    title = "申請內容不符規定 / The proposal is not acceptable"


class ActivityIncomplete(Refusal):
    """The activity cannot be submitted as it stands; `errors` says what is missing."""

    slug = "activity-incomplete"
    status = 422
    title = "申請內容尚未完備，不得送審 / The activity is not complete enough to be submitted"


class ActivityFrozen(Refusal):
    """Content changes only in a draft or after a return."""

    slug = "activity-frozen"
    status = 409
    title = "活動已送審或已審定，不得變更 / The activity was submitted or decided and cannot be changed"


class ActivityNotSubmitted(Refusal):
    """Only what lies with the review unit can be withdrawn."""

    slug = "activity-not-submitted"
    status = 409
    title = "活動未在送審中 / The activity is not under review"


class ActivityChangedMeanwhile(Refusal):
    """Somebody else saved this activity after the caller had read it."""

    slug = "activity-changed-meanwhile"
    status = 409
    title = "活動已由他人變更，請重新讀取 / The activity was changed meanwhile; read it again"


class UnitNotYetKnown(Refusal):
    """The news of the caller's own unit has not arrived here yet; the same request succeeds shortly after."""

    slug = "unit-not-yet-known"
    status = 503
    title = "單位資料尚未同步，請稍後再試 / Your unit is not known here yet; try again shortly"
