"""The first four steps: whether a record has a place in this statement at all, and whether it may count yet."""

from __future__ import annotations

from typing import Final

from cec_credits.rulesets.domain import Provision
from cec_credits.statements.domain import State
from cec_credits.statements.ledger import Ledger, lose_all

_SCOPE: Final = frozenset({"WRONG_PROFESSION", "WRONG_PURPOSE"})
_APPROVAL: Final = {
    "ACTIVITY_NOT_APPROVED": "14(2)",
    "APPROVAL_WITHDRAWN": "14(2)",
    "RECOGNITION_VOID": "18(2)",
    "DISCIPLINARY_NOT_OFFSETTABLE": "20",
}
_ATTENDANCE: Final = frozenset(
    {
        "BELOW_MIN_PRESENCE",
        "IDENTITY_UNMATCHED",
        "LATE_REGISTRATION_REJECTED",
        "PENDING_CHANGE",
        "SUPERSEDED_BY_CORRECTION",
        "ATTENDANCE_WITHDRAWN",
    }
)
VOID_REASONS: Final = (_SCOPE - {"WRONG_PROFESSION"}) | _APPROVAL.keys() | _ATTENDANCE
"""The grounds outside the rules on which a service may declare a record void."""


def keep_own_profession(ledger: Ledger) -> None:
    """Step ``scope``: what was approved for another profession or purpose is no part of this statement."""
    own = ledger.case.profession
    provision = Provision(ledger.rules.rule_set, "11(1)(2)")
    live = []
    for entry in ledger.live:
        record = entry.record
        if record.profession is not None and record.profession != own:
            detail = {"profession": record.profession, "own": own}
            lose_all(entry, State.EXCLUDED, "scope", "WRONG_PROFESSION", provision, detail)
        elif record.void in _SCOPE:
            lose_all(entry, State.EXCLUDED, "scope", "WRONG_PURPOSE", provision, {})
        else:
            live.append(entry)
    ledger.live = live


def keep_window(ledger: Ledger) -> None:
    """Step ``window``: what ended before the window, or after it closed, belongs to another cycle."""
    since, closing, as_of = ledger.window.since, ledger.closing, ledger.case.as_of
    provision = ledger.rules.provision(ledger.rules.document.window)
    live = []
    for entry in ledger.live:
        ended = entry.record.ends_on
        if ended < since:
            detail = {"ended": ended, "since": since}
            lose_all(entry, State.OUT_OF_WINDOW, "window", "OUT_OF_WINDOW_BEFORE", provision, detail)
        elif closing < ended <= as_of:
            detail = {"ended": ended, "until": closing}
            lose_all(entry, State.OUT_OF_WINDOW, "window", "OUT_OF_WINDOW_AFTER", provision, detail)
        else:
            live.append(entry)
    ledger.live = live


def keep_approved(ledger: Ledger) -> None:
    """Step ``approval``: what was never approved, or is approved no longer, has no effect, ended or not."""
    live = []
    for entry in ledger.live:
        reason = entry.record.void
        if reason is not None and reason in _APPROVAL:
            provision = Provision(ledger.rules.rule_set, _APPROVAL[reason])
            lose_all(entry, State.INVALID, "approval", reason, provision, {})
        else:
            live.append(entry)
    ledger.live = live


def keep_attended(ledger: Ledger) -> None:
    """Step ``attendance``: what does not stand on the roster is void; what has not ended yet is pending."""
    as_of = ledger.case.as_of
    roster = Provision(ledger.rules.rule_set, "14(2)")
    live = []
    for entry in ledger.live:
        record = entry.record
        if record.void is not None:
            lose_all(entry, State.INVALID, "attendance", record.void, roster, {})
        elif record.ends_on > as_of:
            detail = {"ends": record.ends_on, "closing": ledger.closing}
            lose_all(entry, State.PENDING, "attendance", "NOT_YET_EFFECTIVE", roster, detail)
        else:
            live.append(entry)
    ledger.live = live
