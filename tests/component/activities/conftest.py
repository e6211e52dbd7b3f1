"""The activities service on its own, with two offering units, a review unit and a practitioner known to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from tests.conftest import MakeDatabase
from tests.support.one_service import News, OneService
from tests.support.tokens import an_actor

from cec_activities.service import SERVICE
from cec_chassis.context import Actor
from cec_chassis.ids import new_id
from cec_contracts import identity, review

OFFERING, OTHER, REVIEWING = (UUID(int=number) for number in (1, 2, 3))
PRACTITIONER = UUID(int=4)


def organisation(organisation_id: UUID, name: str, sequence: int = 1, **changes: Any) -> News:
    """News of a unit; changes go into its body."""
    body = identity.Organisation(
        organisation_id=organisation_id,
        code=f"U{organisation_id.int:04}",
        name=name,
        kind="association",
        offers_courses=organisation_id != REVIEWING,
        reviews_courses=organisation_id == REVIEWING,
        reviews_professions=["B", "2"] if organisation_id == REVIEWING else [],
    )
    return News(
        event=identity.ORGANISATION_REGISTERED,
        subject=organisation_id,
        sequence=sequence,
        body=msgspec.structs.replace(body, **changes),
    )


def practitioner(number: str, practitioner_id: UUID = PRACTITIONER, sequence: int = 1, active: bool = True) -> News:
    """News of a practitioner."""
    body = identity.Practitioner(
        practitioner_id=practitioner_id,
        number=number,
        name="林技師",
        national_id_index="0" * 64,
        national_id_masked="A12****789",
        active=active,
    )
    return News(event=identity.PRACTITIONER_REGISTERED, subject=practitioner_id, sequence=sequence, body=body)


def course(**changes: Any) -> dict[str, Any]:
    """A course of 180 minutes on the activity's first day."""
    return {
        "title": "牙科材料新知",
        "attribute": "professional",
        "starts_at": "2026-04-01T09:00:00+08:00",
        "ends_at": "2026-04-01T12:00:00+08:00",
    } | changes


def proposal(**changes: Any) -> dict[str, Any]:
    """An activity of three days in April with one course."""
    return {
        "title": "年度學術研討會",
        "review_unit_id": str(REVIEWING),
        "method": "M01",
        "professions": ["2"],
        "starts_on": "2026-04-01",
        "ends_on": "2026-04-03",
        "county": "臺北市",
        "place": "國際會議中心",
        "courses": [course()],
    } | changes


class Activities(OneService):
    """What a unit does with its activities."""

    unit = an_actor("offering_unit", organisation_id=OFFERING, name="開課人員")
    other_unit = an_actor("offering_unit", organisation_id=OTHER)
    review_unit = an_actor("review_unit", organisation_id=REVIEWING)
    administrator = an_actor("system_administrator")

    async def draft(self, actor: Actor | None = None, **changes: Any) -> dict[str, Any]:
        """A new activity; it must succeed."""
        return _good(await self.ask(actor or self.unit, "POST", "/activities", proposal(**changes)), 201)

    async def submit(self, activity_id: str) -> dict[str, Any]:
        """Hands it in; it must succeed."""
        return _good(await self.ask(self.unit, "POST", f"/activities/{activity_id}/submit"))

    async def submitted(self, **changes: Any) -> dict[str, Any]:
        """An activity that lies with the review unit."""
        return await self.submit((await self.draft(**changes))["activity_id"])

    async def read(self, activity_id: str) -> dict[str, Any]:
        """As its unit sees it."""
        return _good(await self.ask(self.unit, "GET", f"/activities/{activity_id}"))

    def decision(self, activity: dict[str, Any], status: str, submission: int | None = None) -> News:
        """News that review decided on a submission, the present one unless said otherwise."""
        case_id = new_id()
        body = review.Case(
            case_id=case_id,
            activity_id=UUID(activity["activity_id"]),
            submission=submission or activity["submission"],
            review_unit_id=REVIEWING,
            status=status,  # type: ignore[arg-type]
            comment="請補講師學經歷",
            decided_at=self.clock.now(),
        )
        return News(event=review.CASE_DECIDED, subject=case_id, sequence=2, body=body)


def _good(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.fixture
async def activities(make_database: MakeDatabase) -> AsyncIterator[Activities]:
    """The service, already told of its neighbours."""
    service = await Activities.start(SERVICE, await make_database("activities"))
    assert isinstance(service, Activities)
    await service.hear(
        organisation(OFFERING, "甲醫事學會"),
        organisation(OTHER, "乙醫院"),
        organisation(REVIEWING, "牙體技術師公會全聯會"),
        practitioner("P0001"),
    )
    yield service
    await service.close()
