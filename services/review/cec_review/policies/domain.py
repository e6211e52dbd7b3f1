"""How long a roster stays open. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from cec_chassis.clock import taipei_date

DAYS_AFTER_COURSE = 60
"""A roster is open this many days after the course's last day, whatever the review unit has settled."""
DEFAULT_ROSTER_DAYS = 60


def roster_deadline(course_ends_at: datetime, decided_at: datetime, roster_days: int) -> date:
    """登錄期限: the last Taipei day on which the roster may be changed.

    The later of 60 days after the course and `roster_days` after the decision: a unit that hears late of its approval
    still has the time its review unit promises.
    """
    return max(
        taipei_date(course_ends_at) + timedelta(days=DAYS_AFTER_COURSE),
        taipei_date(decided_at) + timedelta(days=roster_days),
    )
