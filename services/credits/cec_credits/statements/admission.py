"""The first four steps: whether a record has a place in this statement at all, and whether it may count yet."""

from __future__ import annotations

from typing import Final

from cec_credits.rulesets.words import GROUNDS
from cec_credits.statements.domain import EXCLUDED, INVALID, OUT_OF_WINDOW, PENDING
from cec_credits.statements.ledger import Ledger, lose_all, note
from cec_credits.statements.window import moves

VOID_REASONS: Final = GROUNDS.keys() - {"WRONG_PROFESSION", "NOT_YET_EFFECTIVE", "DUPLICATE_COURSE"}
"""The grounds outside the rules on which a service may declare a record void; the others the engine finds itself."""


def keep_own_profession(ledger: Ledger) -> None:
    """Step ``scope``: what was approved for another profession or purpose is no part of this statement."""
    own = ledger.case.profession
    provision = ledger.rules.ground("WRONG_PROFESSION")
    live = []
    for entry in ledger.live:
        record = entry.record
        if record.profession is not None and record.profession != own:
            detail = {"profession": record.profession, "own": own}
            lose_all(entry, EXCLUDED, "scope", "WRONG_PROFESSION", provision, detail)
        elif record.void == "WRONG_PURPOSE":
            lose_all(entry, EXCLUDED, "scope", record.void, ledger.rules.ground(record.void), {})
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
            lose_all(entry, OUT_OF_WINDOW, "window", "OUT_OF_WINDOW_BEFORE", provision, detail)
        elif closing < ended <= as_of:
            detail = {"ended": ended, "until": closing}
            lose_all(entry, OUT_OF_WINDOW, "window", "OUT_OF_WINDOW_AFTER", provision, detail)
        else:
            live.append(entry)
    ledger.live = live


def keep_approved(ledger: Ledger) -> None:
    """Step ``approval``: what was never approved, or is approved no longer, has no effect, ended or not.

    An approval that is being examined has its effect until that is decided, and the entry says so.
    """
    live = []
    for entry in ledger.live:
        reason = entry.record.void
        if reason is not None and GROUNDS.get(reason) == "approval":
            lose_all(entry, INVALID, "approval", reason, ledger.rules.ground(reason), {})
            continue
        live.append(entry)
        change = entry.record.under_change
        if change is not None:
            ledger.under_change.append(entry)
            note(entry, "PENDING_CHANGE", None, {"since": change.since, "why": change.reason})
    ledger.live = live


def keep_attended(ledger: Ledger) -> None:
    """Step ``attendance``: what does not stand on the roster is void; what has not ended yet is pending."""
    as_of = ledger.case.as_of
    closing = ledger.closing if moves(ledger.case, ledger.profile) is None else None
    waiting = ledger.rules.ground("NOT_YET_EFFECTIVE")
    live = []
    for entry in ledger.live:
        record = entry.record
        if record.void is not None:
            lose_all(entry, INVALID, "attendance", record.void, ledger.rules.ground(record.void), {"role": record.role})
        elif record.ends_on > as_of:
            lose_all(entry, PENDING, "attendance", "NOT_YET_EFFECTIVE", waiting, {"ends": record.ends_on})
            if closing is not None and record.ends_on > closing:
                window = ledger.rules.provision(ledger.rules.document.window)
                note(entry, "ENDS_AFTER_WINDOW", window, {"until": closing})
        else:
            live.append(entry)
    ledger.live = live
