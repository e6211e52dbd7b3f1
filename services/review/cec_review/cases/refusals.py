"""Why a case is not decided."""

from __future__ import annotations

from cec_chassis.problems import Refusal


class CaseNotFound(Refusal):
    """There is no such case."""

    slug = "case-not-found"
    status = 404
    title = "查無此案件 / There is no such case"


class CaseAlreadyDecided(Refusal):
    """A decision is final; points are changed and approvals withdrawn on the approval."""

    slug = "case-already-decided"
    status = 409
    title = "案件已審定 / The case was decided before"


class ActivityWithdrawn(Refusal):
    """The unit took its application back; there is nothing left to decide."""

    slug = "activity-withdrawn"
    status = 409
    title = "開課單位已撤回申請 / The unit has withdrawn the activity"


class NewerSubmissionExists(Refusal):
    """The activity was submitted again; only its newest submission is decided."""

    slug = "newer-submission-exists"
    status = 409
    title = "已有再送審之新案 / The activity was submitted again"


class DecisionNotAcceptable(Refusal):
    """The decision can be read, and breaks a rule; `errors` says where."""

    slug = "decision-not-acceptable"
    status = 422
    title = "審定內容不符規定 / The decision is not acceptable"
