"""Counts of attendance over HTTP, as JSON and as a file for spreadsheets."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from cec_chassis.clock import TAIPEI
from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, csv_download, needs
from cec_contracts.vocabulary import ParticipantRole
from cec_reporting.access import unit_to_show
from cec_reporting.activities.http import County, HeldFrom, HeldTo, Profession, Unit
from cec_reporting.attendances.queries import AttendanceCounts, CountFilter, counts_of
from cec_reporting.filters import county_asked_for, in_order

READING = needs("reporting.attendances.read")
InRole = Annotated[ParticipantRole | None, QueryParameter(description="角色 / Role")]

HEADER = (
    "人員類別 profession",
    "縣市別 county",
    "人次 attendances",
    "人數 practitioners",
    "課程數 courses",
    "資料時間 as of",
)


async def count_filter(
    request: HttpRequest,
    offering_unit_id: Unit = None,
    held_from: HeldFrom = None,
    held_to: HeldTo = None,
    role: InRole = None,
    county: County = None,
    profession: Profession = None,
) -> CountFilter:
    """What the query string asks for, confined to what the caller may see. Raises
    NotYourUnit, ValidationFailed."""
    in_order(held_from, held_to)
    return CountFilter(
        offering_unit_id=unit_to_show(request.user, offering_unit_id),
        held_from=held_from,
        held_to=held_to,
        role=role,
        county=county_asked_for(county),
        profession=profession,
    )


class AttendanceCountController(Controller):
    """Attendance by profession and county 出席統計."""

    tags = ["attendance-counts"]  # noqa: RUF012 - Litestar's own declaration
    dependencies = {"wanted": Provide(count_filter)}  # noqa: RUF012 - Litestar's own declaration

    @get("/attendance-counts", guards=[READING])
    async def attendance_counts(
        self, database: NamedDependency[Database], wanted: NamedDependency[CountFilter]
    ) -> AttendanceCounts:
        """How many attended, by profession and by the county of the course: an offering unit's own courses, or all."""
        async with database.reading() as tx:
            return await counts_of(tx, wanted)

    @get("/attendance-counts.csv", guards=[READING], media_type="text/csv")
    async def attendance_counts_file(
        self, database: NamedDependency[Database], wanted: NamedDependency[CountFilter]
    ) -> Response[bytes]:
        """The same as CSV (UTF-8 with a mark, so that Excel reads it; nothing in it can run as a formula)."""
        async with database.reading() as tx:
            counts = await counts_of(tx, wanted)
        at = counts.as_of.astimezone(TAIPEI) if counts.as_of else None
        rows = ((r.profession, r.county, r.attendances, r.practitioners, r.courses, at) for r in counts.rows)
        return csv_download("出席統計.csv", HEADER, rows)
