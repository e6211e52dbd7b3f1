"""A unit's calendar as iCalendar (RFC 5545), for calendar programs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from icalendar import Calendar, Event

from cec_activities.activities.domain import Status
from cec_activities.calendar.store import Entry

REFRESH: Final = timedelta(hours=6)
STATUS: Final = {
    Status.SUBMITTED: ("TENTATIVE", "審查中 / under review"),
    Status.RETURNED: ("TENTATIVE", "退件 / returned"),
    Status.PASSED: ("CONFIRMED", "通過 / passed"),
    Status.FAILED: ("CANCELLED", "不通過 / failed"),
    Status.WITHDRAWN: ("CANCELLED", "撤回 / withdrawn"),
}


def calendar_of(unit_name: str, entries: Iterable[Entry]) -> bytes:
    """The feed: an event of whole days for each activity. The same activity keeps its UID, so programs update it."""
    calendar = Calendar()
    calendar.add("prodid", "-//CEC//activities//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{unit_name} 團體類活動")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    state, words = STATUS[entry.status]
    event = Event()
    event.add("uid", f"{entry.activity_id}@activities.cec")
    event.add("dtstamp", entry.updated_at)
    event.add("last-modified", entry.updated_at)
    event.add("sequence", entry.version)
    event.add("dtstart", entry.starts_on)
    event.add("dtend", entry.ends_on + timedelta(days=1))  # the first day after
    event.add("summary", entry.title)
    event.add("description", f"{entry.code} {words}")
    event.add("location", f"{entry.county} {entry.place}".strip())
    event.add("status", state)
    event.add("transp", "TRANSPARENT")
    return event
