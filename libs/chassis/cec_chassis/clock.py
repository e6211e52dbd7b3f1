"""What time it is, as a thing that is handed in.

Every instant is timezone-aware UTC; every business date is the date on a calendar in Taipei (:func:`taipei_date`).
Nothing in the system asks the operating system for the time except :class:`SystemClock`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")


@runtime_checkable
class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """The present instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until somebody moves it; for tests and for reckoning as of a given day."""

    def __init__(self, at: datetime) -> None:
        """Stand at ``at``.

        Raises:
            ValueError: ``at`` has no timezone.
        """
        self._now = _as_utc(at)

    def now(self) -> datetime:
        """The instant it stands at, in UTC."""
        return self._now

    def set(self, at: datetime) -> None:
        """Stand at another instant, earlier or later."""
        self._now = _as_utc(at)

    def advance(self, by: timedelta) -> datetime:
        """Move on by ``by`` and say where the clock stands now."""
        self._now += by
        return self._now


def taipei_date(at: datetime) -> date:
    """The business date of an instant: what the calendar in Taipei shows.

    Raises:
        ValueError: ``at`` has no timezone, so nobody can tell which day it means.
    """
    return _as_utc(at).astimezone(TAIPEI).date()


def _as_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs a timezone")
    return at.astimezone(UTC)
