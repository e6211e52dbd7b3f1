"""A unit's calendar over HTTP: red dates for the portal, a feed behind a secret link for calendar programs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final
from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from cec_activities.activities.access import unit_of
from cec_activities.activities.refusals import AnotherUnitsActivity
from cec_activities.calendar.change_link import CalendarLink, make_link, take_link_away
from cec_activities.calendar.feed import calendar_of
from cec_activities.calendar.queries import RedDate, red_dates
from cec_activities.calendar.store import entries, opens
from cec_activities.organisations import store as organisations
from cec_chassis.clock import TAIPEI
from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Role, needs
from cec_chassis.problems import NotFound

READING = needs("activities.calendar.read")
SHARING = needs("activities.calendar.share")
BEFORE, AFTER = timedelta(days=400), timedelta(days=800)
"""What the feed shows around today."""
CALENDAR: Final = "text/calendar"


class CalendarController(Controller):
    """Calendars of units 行事曆."""

    path = "/organisations/{organisation_id:uuid}"
    tags = ("calendar",)

    @get("/calendar", guards=[READING])
    async def red_dates_of(
        self,
        request: HttpRequest,
        organisation_id: FromPath[UUID],
        since: FromQuery[date],
        until: FromQuery[date],
        database: NamedDependency[Database],
    ) -> list[RedDate]:
        """The days from `since` to `until` on which something begins that the unit has applied for. 403."""
        if request.user.role != Role.SYSTEM_ADMINISTRATOR and unit_of(request.user) != organisation_id:
            raise AnotherUnitsActivity
        async with database.reading() as tx:
            return await red_dates(tx, organisation_id, since, until)

    @post("/calendar-link", guards=[SHARING])
    async def make_calendar_link(
        self,
        request: HttpRequest,
        organisation_id: FromPath[UUID],
        database: NamedDependency[Database],
        public_address: NamedDependency[str],
    ) -> CalendarLink:
        """Make the feed's secret link, or a new one in place of one that others have got hold of. 403."""
        if unit_of(request.user) != organisation_id:
            raise AnotherUnitsActivity
        # Not `run_command`: it would keep the answer, and with it the secret, for whoever repeats the request.
        async with database.transaction(request.command_context()) as tx:
            return await make_link(tx, organisation_id, public_address)

    @delete("/calendar-link", guards=[SHARING], status_code=204)
    async def remove_calendar_link(
        self, request: HttpRequest, organisation_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> None:
        """Take the link away. 403, 404."""
        if unit_of(request.user) != organisation_id:
            raise AnotherUnitsActivity
        async with database.transaction(request.command_context()) as tx:
            await take_link_away(tx, organisation_id)

    @get("/calendar.ics", media_type=CALENDAR, guards=[needs("activities.calendar.follow")])
    async def calendar_feed(
        self,
        organisation_id: FromPath[UUID],
        database: NamedDependency[Database],
        token: Annotated[str, QueryParameter(max_length=100, description="連結之憑證 / From the secret link")] = "",
    ) -> Response[bytes]:
        """What the unit has applied for, as iCalendar. 404 without the unit's newest link."""
        async with database.reading() as tx:
            if not await opens(tx, organisation_id, token):
                raise NotFound
            today = tx.now.astimezone(TAIPEI).date()
            unit = await organisations.find(tx, organisation_id)
            feed = calendar_of(
                unit.name if unit else "", await entries(tx, organisation_id, today - BEFORE, today + AFTER)
            )
        return Response(
            feed,
            media_type=CALENDAR,
            headers={"Cache-Control": "private, max-age=600", "X-Content-Type-Options": "nosniff"},
        )
