"""The reporting service on its own, and the news from which it makes its figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
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
from cec_contracts import activities, credits, enrolment, identity, review
from cec_contracts.vocabulary import AccountRole, Attribute, Method, ParticipantRole
from cec_reporting.service import SERVICE

OFFERING, OTHER, REVIEWING = (UUID(int=number) for number in (1, 2, 3))
ACTIVITY, OTHER_ACTIVITY = UUID(int=0x51), UUID(int=0x52)
TAIPEI_COURSE, TAINAN_COURSE = UUID(int=0xC1), UUID(int=0xC2)
MORNING = datetime(2026, 2, 1, 1, tzinfo=UTC)
SUBMITTED_AT = datetime(2026, 1, 5, tzinfo=UTC)


def activity(activity_id: UUID = ACTIVITY, sequence: int = 1, **changes: Any) -> News:
    """News that an activity of the first three days of February was submitted."""
    course = activities.Course(
        course_id=TAIPEI_COURSE,
        code="C202602010001",
        title="牙科材料新知",
        attribute=Attribute.PROFESSIONAL,
        infection_control=False,
        gender=False,
        starts_at=MORNING,
        ends_at=datetime(2026, 2, 1, 4, tzinfo=UTC),
        minutes=180,
    )
    body = activities.Activity(
        activity_id=activity_id,
        code=f"S2026020100{activity_id.int & 0xF:02}",
        title="年度學術研討會",
        offering_unit_id=OFFERING,
        offering_unit_name="甲醫事學會",
        review_unit_id=REVIEWING,
        method=Method.M01,
        professions=["2", "D"],
        starts_on=date(2026, 2, 1),
        ends_on=date(2026, 2, 3),
        county="臺北市",
        status="submitted",
        submission=1,
        submitted_at=SUBMITTED_AT,
        courses=[course, course],
    )
    body = msgspec.structs.replace(body, **changes)
    event = activities.ACTIVITY_WITHDRAWN if body.status == "withdrawn" else activities.ACTIVITY_SUBMITTED
    return News(event=event, subject=activity_id, sequence=sequence, body=body)


def decision(status: Any, submission: int = 1, activity_id: UUID = ACTIVITY, sequence: int = 2) -> News:
    """News that review decided on a submission; each has a case of its own."""
    case_id = UUID(int=(activity_id.int << 8) + submission)
    body = review.Case(
        case_id=case_id,
        activity_id=activity_id,
        submission=submission,
        review_unit_id=REVIEWING,
        status=status,
        decided_at=datetime(2026, 1, 10 + submission, tzinfo=UTC),
    )
    return News(event=review.CASE_DECIDED, subject=case_id, sequence=sequence, body=body)


def approval(course_id: UUID = TAIPEI_COURSE, sequence: int = 1, **changes: Any) -> News:
    """News that a course of the first of February is approved."""
    body = review.CourseApproval(
        course_id=course_id,
        course_code="C202602010001",
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
        starts_at=MORNING,
        ends_at=datetime(2026, 2, 1, 4, tzinfo=UTC),
        minutes=180,
        county="臺北市" if course_id == TAIPEI_COURSE else "臺南市",
        awards=[review.Award(profession="2", role=ParticipantRole.LEARNER, points=Decimal(3))],
        roster_deadline=date(2026, 3, 31),
        status="approved",
        decided_at=datetime(2026, 1, 10, tzinfo=UTC),
    )
    body = msgspec.structs.replace(body, **changes)
    event = review.COURSE_APPROVAL_WITHDRAWN if body.status == "withdrawn" else review.COURSE_APPROVAL_GRANTED
    return News(event=event, subject=course_id, sequence=sequence, body=body)


def attendance(number: int, person: int = 1, sequence: int = 1, **changes: Any) -> News:
    """News of attendance `number`: person `person` was a learner in Taipei, as a dental technician."""
    body = enrolment.Attendance(
        attendance_id=UUID(int=(0xA << 100) + number),
        course_id=TAIPEI_COURSE,
        activity_id=ACTIVITY,
        practitioner_id=UUID(int=(0xB << 100) + person),
        profession="2",
        role=ParticipantRole.LEARNER,
        status="recorded",
        recorded_at=datetime(2026, 2, 5, tzinfo=UTC),
    )
    body = msgspec.structs.replace(body, **changes)
    said = {1: enrolment.ATTENDANCE_RECORDED}.get(sequence, enrolment.ATTENDANCE_CORRECTED)
    event = enrolment.ATTENDANCE_WITHDRAWN if body.status == "withdrawn" else said
    return News(event=event, subject=body.attendance_id, sequence=sequence, body=body)


def standing(person: int = 1, sequence: int = 1, **changes: Any) -> News:
    """News of 2 March 2026: person `person`, a dental technician with an open window, has met the requirement."""
    body = credits.Standing(
        practitioner_id=UUID(int=(0xB << 100) + person),
        profession="2",
        as_of=date(2026, 3, 2),
        window_since=date(2021, 4, 1),
        window_until=date(2026, 3, 2),
        rule_set="R2022",
        valid=Decimal("120.00"),
        invalid=Decimal(0),
        pending=Decimal(0),
        professional=Decimal("96.00"),
        quality_ethics_regulations=Decimal("24.00"),
        counted=Decimal("120.00"),
        infection_control_courses=1,
        gender_courses=1,
        met=True,
        computed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    body = msgspec.structs.replace(body, **changes)
    subject = f"{body.practitioner_id}:{body.profession}"
    return News(event=credits.STANDING_CHANGED, subject=subject, sequence=sequence, body=body)


def account(number: int, sequence: int = 1, **changes: Any) -> News:
    """News of account `number`: an offering unit's, in use."""
    body = identity.Account(
        account_id=UUID(int=(0xE << 100) + number),
        name=f"unit-{number}",
        role=AccountRole.OFFERING_UNIT,
        organisation_id=OFFERING,
    )
    body = msgspec.structs.replace(body, **changes)
    event = identity.ACCOUNT_OPENED if sequence == 1 else identity.ACCOUNT_CHANGED
    return News(event=event, subject=body.account_id, sequence=sequence, body=body)


class Reporting(OneService):
    """What its callers ask it."""

    unit = an_actor("offering_unit", organisation_id=OFFERING)
    other_unit = an_actor("offering_unit", organisation_id=OTHER)
    review_unit = an_actor("review_unit", organisation_id=REVIEWING)
    committee_member = an_actor("committee_member")
    practitioner = an_actor("practitioner")
    administrator = an_actor("system_administrator")

    async def get(self, path: str, actor: Actor | None = None) -> dict[str, Any]:
        """An answer that must be good; the administrator asks unless somebody else does."""
        response = await self.ask(actor or self.administrator, "GET", path)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def counts(self, query: str = "", actor: Actor | None = None) -> dict[tuple[str, str], int]:
        """Attendances by profession and county."""
        table = await self.get(f"/attendance-counts?{query}", actor)
        assert table["total"] == sum(row["attendances"] for row in table["rows"])
        return {(row["profession"], row["county"]): row["attendances"] for row in table["rows"]}

    async def compliance(self, query: str = "") -> dict[tuple[str, str | None], tuple[int, int]]:
        """Who met and who did not, by profession and renewal month."""
        table = await self.get(f"/compliance-counts?{query}")
        assert all(row["practitioners"] == row["met"] + row["not_met"] for row in table["rows"])
        assert table["total"] == sum(row["practitioners"] for row in table["rows"])
        return {(row["profession"], row["renewal_month"]): (row["met"], row["not_met"]) for row in table["rows"]}

    async def accounts(self, query: str = "") -> dict[tuple[str, str], int]:
        """Accounts by role and state."""
        table = await self.get(f"/account-counts?{query}")
        assert table["total"] == sum(row["accounts"] for row in table["rows"])
        return {(row["role"], row["state"]): row["accounts"] for row in table["rows"]}

    async def refused(self, path: str, actor: Actor | None) -> tuple[int, str]:
        """Status and slug."""
        response: httpx.Response = await self.ask(actor, "GET", path)
        return response.status_code, response.json()["type"].removeprefix("/problems/")


@pytest.fixture
async def reporting(make_database: MakeDatabase) -> AsyncIterator[Reporting]:
    """The service, told of nothing yet."""
    service = await Reporting.start(SERVICE, await make_database("reporting"))
    assert isinstance(service, Reporting)
    yield service
    await service.close()
