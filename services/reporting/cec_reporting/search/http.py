"""The activity search over HTTP, for whoever has signed in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import Paging, needs
from cec_contracts.vocabulary import Attribute, Method
from cec_reporting.activities.http import County, HeldFrom, HeldTo, Profession, Unit
from cec_reporting.filters import county_asked_for, in_order
from cec_reporting.search.domain import Criteria, code_of, words_of
from cec_reporting.search.queries import FoundActivities, search

Code = Annotated[str | None, QueryParameter(max_length=40, description="活動代碼 / Code of the activity")]
Title = Annotated[
    str | None, QueryParameter(max_length=100, description="活動(雜誌)名稱含此 / In the activity's title")
]
CourseCode = Annotated[str | None, QueryParameter(max_length=40, description="課程代碼 / Code of the course")]
CourseTitle = Annotated[str | None, QueryParameter(max_length=100, description="課程名稱含此 / In the course's title")]
UnitName = Annotated[str | None, QueryParameter(max_length=100, description="主辦單位名稱含此 / In the unit's name")]
InfectionControl = Annotated[bool, QueryParameter(description="有感染管制課程 / With a course in infection control")]
Gender = Annotated[bool, QueryParameter(description="有性別議題課程 / With a course in gender issues")]
HowHeld = Annotated[Method | None, QueryParameter(description="實施方式 / Method")]
Reviewer = Annotated[UUID | None, QueryParameter(description="審查單位 / Review unit")]
OfAttribute = Annotated[Attribute | None, QueryParameter(description="課程屬性 / Attribute of a course")]
Upcoming = Annotated[bool, QueryParameter(description="尚有課程未開始 / A course is still to begin")]
LatestFirst = Annotated[bool, QueryParameter(description="由近而遠 / From the latest to the earliest")]


async def criteria_of_query(
    activity_code: Code = None,
    title: Title = None,
    course_code: CourseCode = None,
    course_title: CourseTitle = None,
    held_from: HeldFrom = None,
    held_to: HeldTo = None,
    offering_unit_id: Unit = None,
    offering_unit: UnitName = None,
    county: County = None,
    infection_control: InfectionControl = False,
    gender: Gender = False,
    method: HowHeld = None,
    review_unit_id: Reviewer = None,
    profession: Profession = None,
    attribute: OfAttribute = None,
    upcoming: Upcoming = False,
) -> Criteria:
    """What the query string asks for. Raises ValidationFailed."""
    in_order(held_from, held_to)
    return Criteria(
        activity_code=code_of(activity_code),
        title=words_of(title),
        course_code=code_of(course_code),
        course_title=words_of(course_title),
        held_from=held_from,
        held_to=held_to,
        offering_unit_id=offering_unit_id,
        offering_unit=words_of(offering_unit),
        county=county_asked_for(county),
        infection_control=infection_control,
        gender=gender,
        method=method,
        review_unit_id=review_unit_id,
        profession=profession,
        attribute=attribute,
        upcoming=upcoming,
    )


class ActivitySearchController(Controller):
    """Activity search 活動查詢."""

    path = "/activities/search"
    tags = ["activities"]  # noqa: RUF012 - Litestar's own declaration
    dependencies = {"criteria": Provide(criteria_of_query)}  # noqa: RUF012 - Litestar's own declaration

    @get("/", guards=[needs("reporting.activities.search")])
    async def search_activities(
        self,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        criteria: NamedDependency[Criteria],
        latest_first: LatestFirst = False,
    ) -> FoundActivities:
        """Passed activities with their approved courses and points, by at least one criterion; else 422
        `criterion-required`. An activity's own criteria hold for it, those of courses all for one of its courses."""
        async with database.reading() as tx:
            return await search(tx, criteria, paging, latest_first=latest_first)
