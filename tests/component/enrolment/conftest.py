"""The enrolment service on its own, with two offering units, approved courses and practitioners known to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from tests.conftest import MakeDatabase
from tests.support.one_service import News, OneService
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_contracts import identity, national_id, review
from cec_contracts.vocabulary import Attribute, Method, ParticipantRole
from cec_enrolment.service import SERVICE
from cec_enrolment.settings import EnrolmentSettings

OFFERING, OTHER, REVIEWING, ACTIVITY = (UUID(int=number) for number in (1, 2, 3, 4))
COURSE, OTHER_COURSE = UUID(int=0xC1), UUID(int=0xC2)
DENTAL_TECHNICIAN, DENTIST, NURSE = "2", "D", "N"
LIN, WANG, CHEN = UUID(int=0xA1), UUID(int=0xA2), UUID(int=0xA3)
LIN_ID, WANG_ID, CHEN_ID, NOBODY_ID = "A123456789", "R121351632", "A800000014", "AB23456789"
FORMER_ID = "AA00000009"
"""The resident certificate that Chen had before the new one."""
KEY = "a key of thirty-two bytes or more"


class Settings(EnrolmentSettings, frozen=True, kw_only=True):
    """With a key that can be used."""

    national_id_index_key: str = KEY


def award(profession: str, role: str = "learner", points: str = "3") -> review.Award:
    """Points of a profession in a role."""
    return review.Award(profession=profession, role=ParticipantRole(role), points=Decimal(points))


def approval(course_id: UUID = COURSE, sequence: int = 1, *, event: Any = None, **changes: Any) -> News:
    """News that a course of 180 minutes in February is approved, its roster open until the end of March 2026."""
    body = review.CourseApproval(
        course_id=course_id,
        course_code=f"C2026020100{course_id.int & 0xF:02}",
        course_title="牙科材料新知",
        activity_id=ACTIVITY,
        activity_code="S202602010001",
        activity_title="年度學術研討會",
        offering_unit_id=OFFERING,
        offering_unit_name="甲醫事學會",
        review_unit_id=REVIEWING,
        method=Method.M01,
        attribute=Attribute.PROFESSIONAL,
        infection_control=False,
        gender=False,
        starts_at=datetime(2026, 2, 1, 1, tzinfo=UTC),
        ends_at=datetime(2026, 2, 1, 4, tzinfo=UTC),
        minutes=180,
        county="臺北市",
        awards=[award(DENTAL_TECHNICIAN), award(DENTIST), award(DENTAL_TECHNICIAN, "lecturer", "9")],
        roster_deadline=date(2026, 3, 31),
        status="approved",
        decided_at=datetime(2026, 1, 10, tzinfo=UTC),
    )
    body = msgspec.structs.replace(body, **changes)
    said = review.COURSE_APPROVAL_WITHDRAWN if body.status == "withdrawn" else review.COURSE_APPROVAL_GRANTED
    return News(event=event or said, subject=course_id, sequence=sequence, body=body)


def practitioner(
    practitioner_id: UUID, number: str, national: str, *professions: str, sequence: int = 1, **changes: Any
) -> News:
    """News of a practitioner with a certificate of each profession."""
    body = identity.Practitioner(
        practitioner_id=practitioner_id,
        number=number,
        name={LIN: "林技師", WANG: "王醫師", CHEN: "陳護理師"}.get(practitioner_id, "某技師"),
        national_id_index=index_of(national),
        national_id_masked=national_id.mask(national),
        certificates=[
            identity.Certificate(profession=profession, number=f"{profession}00001", issued_on=date(2010, 1, 1))
            for profession in professions
        ],
    )
    return News(
        event=identity.PRACTITIONER_REGISTERED if sequence == 1 else identity.PRACTITIONER_CHANGED,
        subject=practitioner_id,
        sequence=sequence,
        body=msgspec.structs.replace(body, **changes),
    )


def index_of(national: str) -> str:
    """As identity tells it."""
    return national_id.index(KEY.encode(), national)


class Enrolment(OneService):
    """What a unit does with its rosters."""

    unit = an_actor("offering_unit", organisation_id=OFFERING, name="開課人員")
    other_unit = an_actor("offering_unit", organisation_id=OTHER)
    review_unit = an_actor("review_unit", organisation_id=REVIEWING)
    other_review_unit = an_actor("review_unit", organisation_id=OTHER)
    administrator = an_actor("system_administrator")

    async def add(self, actor: Actor | None = None, course_id: UUID = COURSE, **body: Any) -> httpx.Response:
        """Puts somebody on the roster: Lin unless the body names somebody."""
        named = {"practitioner_id", "number", "national_id"} & body.keys()
        sent = body if named else {"practitioner_id": LIN} | body
        return await self.ask(actor or self.unit, "POST", f"/rosters/{course_id}/attendances", sent)

    async def added(self, **body: Any) -> dict[str, Any]:
        """A line that is on the roster."""
        return good(await self.add(**body), 201)

    async def correct(self, attendance_id: str, actor: Actor | None = None, **body: Any) -> httpx.Response:
        """With a reason unless the body has one."""
        sent = {"reason": "登錄錯誤"} | body
        return await self.ask(actor or self.unit, "POST", f"/attendances/{attendance_id}/correct", sent)

    async def withdraw(self, attendance_id: str, actor: Actor | None = None) -> httpx.Response:
        """With a reason."""
        path = f"/attendances/{attendance_id}/withdraw"
        return await self.ask(actor or self.unit, "POST", path, {"reason": "未出席"})

    async def upload(
        self,
        content: str | bytes,
        *,
        course_id: UUID | None = COURSE,
        actor: Actor | None = None,
        query: str = "",
        media_type: str = "text/csv",
    ) -> httpx.Response:
        """A roster file of one course, or without a course of those that its rows name."""
        path = "/imports" if course_id is None else f"/rosters/{course_id}/imports"
        headers = self.headers_of(actor or self.unit) | {"Content-Type": media_type}
        sent = content.encode() if isinstance(content, str) else content
        return await self.client.post(f"{path}?{query}", content=sent, headers=headers)

    async def lines(self) -> list[Any]:
        """All rows of all rosters."""
        return await self.rows("SELECT * FROM attendances ORDER BY recorded_at, attendance_id")


def good(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The answer of a request that must have succeeded."""
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refusal(response: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, slug, and path and slug of each field error."""
    problem = response.json()
    assert response.headers["content-type"].startswith("application/problem+json"), response.text
    errors = [(error["path"], error["slug"]) for error in problem.get("errors", ())]
    return response.status_code, problem["type"].removeprefix("/problems/"), errors


@pytest.fixture
async def enrolment(make_database: MakeDatabase) -> AsyncIterator[Enrolment]:
    """The service, already told of courses and practitioners. Lin is a dental technician, Wang a dentist and a dental
    technician, Chen a nurse."""
    service = await Enrolment.start(replace(SERVICE, settings=Settings), await make_database("enrolment"))
    assert isinstance(service, Enrolment)
    await service.hear(
        approval(COURSE),
        approval(OTHER_COURSE, offering_unit_id=OTHER, offering_unit_name="乙醫院", course_title="感染管制"),
        practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN),
        practitioner(WANG, "P0002", WANG_ID, DENTIST, DENTAL_TECHNICIAN),
        practitioner(CHEN, "P0003", CHEN_ID, NURSE, former_national_id_indexes=[index_of(FORMER_ID)]),
    )
    yield service
    await service.close()
