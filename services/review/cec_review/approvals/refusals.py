"""Why an approval stays as it is."""

from __future__ import annotations

from cec_chassis.problems import Refusal


class ApprovalNotFound(Refusal):
    """The course was never approved."""

    slug = "approval-not-found"
    status = 404
    title = "查無此課程之核定 / The course was never approved"


class ApprovalWithdrawn(Refusal):
    """A withdrawn approval is the end of it: it is neither changed nor withdrawn again."""

    slug = "approval-withdrawn"
    status = 409
    title = "核定已撤銷 / The approval was withdrawn"


class ApprovalChangedMeanwhile(Refusal):
    """Somebody else changed the approval after the caller had read it."""

    slug = "approval-changed-meanwhile"
    status = 409
    title = "核定已由他人變更，請重新讀取 / The approval was changed meanwhile; read it again"


class ChangeAlreadyOpen(Refusal):
    """The approval is being examined already."""

    slug = "change-already-open"
    status = 409
    title = "該課程核定已在異動中 / A change of this approval is open already"


class NoChangeOpen(Refusal):
    """There is nothing to drop: nobody examines the approval."""

    slug = "no-change-open"
    status = 409
    title = "該課程核定並無異動中之案件 / No change of this approval is open"


class AwardsNotAcceptable(Refusal):
    """The new points can be read, and break a rule; `errors` says where."""

    slug = "awards-not-acceptable"
    status = 422
    title = "核給積分不符規定 / The points are not acceptable"
