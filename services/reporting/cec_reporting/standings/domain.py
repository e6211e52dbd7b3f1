"""When a standing's window closed, as far as credits tells it."""

from __future__ import annotations

from datetime import date

from cec_contracts.credits import Standing


def closed_on(standing: Standing) -> date | None:
    """The last day of the renewal window; None while it is open.

    Credits tells the last day that counts as of a day: of an open window that is the day of evaluation itself, which
    says nothing about when it will close. Only a window that ended before that day has told its end.
    """
    return standing.window_until if standing.window_until < standing.as_of else None
