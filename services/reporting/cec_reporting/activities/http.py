"""The register of activities over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Paging, needs
from cec_contracts.vocabulary import PROFESSION_FORM, PROFESSION_PATTERN
from cec_reporting.access import unit_to_show
from cec_reporting.activities.queries import ActivityStatus, Register, RegisterFilter, register_of
from cec_reporting.filters import county_asked_for, in_order

READING = needs("reporting.activities.read")

Unit = Annotated[UUID | None, QueryParameter(description="主辦單位 / Offering unit")]
HeldFrom = Annotated[date | None, QueryParameter(name="from", description="舉辦日期起 / Held on or after this day")]
HeldTo = Annotated[date | None, QueryParameter(name="to", description="舉辦日期迄 / Held on or before this day")]
County = Annotated[str | None, QueryParameter(max_length=20, description="縣市別 / County")]
Profession = Annotated[
    str | None,
    Meta(extra=PROFESSION_FORM),
    QueryParameter(pattern=PROFESSION_PATTERN, description="人員類別代碼 / Profession"),
]


class ActivityController(Controller):
    """Register of activities 開課清冊."""

    path = "/activities"
    tags = ["activities"]  # noqa: RUF012 - Litestar's own declaration

    @get("/", guards=[READING])
    async def list_activities(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        offering_unit_id: Unit = None,
        review_unit_id: Annotated[UUID | None, QueryParameter(description="審查單位 / Review unit")] = None,
        status: Annotated[ActivityStatus | None, QueryParameter(description="案件狀態 / Status")] = None,
        county: County = None,
        profession: Profession = None,
        held_from: HeldFrom = None,
        held_to: HeldTo = None,
    ) -> Register:
        """Activities that were ever submitted, latest first: an offering unit's own, or all for the others."""
        in_order(held_from, held_to)
        wanted = RegisterFilter(
            offering_unit_id=unit_to_show(request.user, offering_unit_id),
            review_unit_id=review_unit_id,
            status=status,
            county=county_asked_for(county),
            profession=profession,
            held_from=held_from,
            held_to=held_to,
        )
        async with database.reading() as tx:
            return await register_of(tx, wanted, paging)
