"""The review service on its own, with a rule set known to it and submissions as activities tells them."""

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

from cec_chassis.ids import new_id
from cec_contracts import activities, credits, identity
from cec_contracts.vocabulary import Attribute, Method, ParticipantRole
from cec_review.service import SERVICE

REVIEWING, OTHER, OFFERING = (UUID(int=number) for number in (1, 2, 3))


def a_rule_set(rule_set_id: str = "R2022", sequence: int = 1, learner: str = "1", **changes: Any) -> News:
    """News of a rule set with the rates of M01."""
    rates = [
        credits.Rate(method=Method.M01, role=ParticipantRole.LEARNER, per="hour", points=Decimal(learner)),
        credits.Rate(method=Method.M01, role=ParticipantRole.LECTURER, per="hour", points=Decimal(5)),
    ]
    body = credits.RuleSet(
        rule_set_id=rule_set_id,
        effective_from=date(2022, 8, 26),
        minutes_per_credit_hour=50,
        professions=["2", "B"],
        rates=rates,
    )
    return News(
        event=credits.RULE_SET_PUBLISHED,
        subject=rule_set_id,
        sequence=sequence,
        body=msgspec.structs.replace(body, **changes),
    )


def a_course(**changes: Any) -> activities.Course:
    """A course of 180 minutes on 2026-04-01."""
    body = activities.Course(
        course_id=new_id(),
        code="C202603020001",
        title="牙科材料新知",
        attribute=Attribute.PROFESSIONAL,
        infection_control=True,
        gender=False,
        starts_at=datetime(2026, 4, 1, 1, tzinfo=UTC),
        ends_at=datetime(2026, 4, 1, 4, tzinfo=UTC),
        minutes=180,
    )
    return msgspec.structs.replace(body, **changes)


def an_activity(**changes: Any) -> activities.Activity:
    """An activity with two courses, submitted for the first time."""
    body = activities.Activity(
        activity_id=new_id(),
        code="S202603020001",
        title="年度學術研討會",
        offering_unit_id=OFFERING,
        offering_unit_name="甲醫事學會",
        review_unit_id=REVIEWING,
        method=Method.M01,
        professions=["2"],
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 4, 3),
        county="臺北市",
        status="submitted",
        submission=1,
        submitted_at=datetime(2026, 3, 2, 3, tzinfo=UTC),
        courses=[a_course(), a_course(code="C202603020002", minutes=50)],
    )
    return msgspec.structs.replace(body, **changes)


def submitted(activity: activities.Activity, sequence: int = 2) -> News:
    """News that it was submitted."""
    return News(event=activities.ACTIVITY_SUBMITTED, subject=activity.activity_id, sequence=sequence, body=activity)


def withdrawn(activity: activities.Activity, sequence: int = 3) -> News:
    """News that its unit took it back."""
    body = msgspec.structs.replace(activity, status="withdrawn")
    return News(event=activities.ACTIVITY_WITHDRAWN, subject=activity.activity_id, sequence=sequence, body=body)


def a_recognition(unit: UUID = REVIEWING, sequence: int = 1, **changes: Any) -> News:
    """News of the recognition of a review unit for every profession since 2013; what it says follows from the changes."""
    body = identity.ReviewUnitRecognition(
        recognition_id=UUID(int=unit.int + 1000), organisation_id=unit, professions=[], valid_from=date(2013, 7, 1)
    )
    body = msgspec.structs.replace(body, **changes)
    event = identity.REVIEW_UNIT_RECOGNISED
    if body.revoked_at is not None:
        event = identity.REVIEW_UNIT_RECOGNITION_REVOKED
    elif body.breaches:
        event = identity.REVIEW_UNIT_BREACH_FOUND
    return News(event=event, subject=body.recognition_id, sequence=sequence, body=body)


class Review(OneService):
    """What a review unit does with its cases."""

    unit = an_actor("review_unit", organisation_id=REVIEWING, name="審查人員")
    other_unit = an_actor("review_unit", organisation_id=OTHER)
    member = an_actor("committee_member", organisation_id=REVIEWING)
    administrator = an_actor("system_administrator")

    async def case_of(self, activity: activities.Activity) -> str:
        """The id of its case."""
        [row] = await self.rows(
            "SELECT id FROM cases WHERE activity_id = :activity_id AND submission = :submission",
            activity_id=activity.activity_id,
            submission=activity.submission,
        )
        return str(row.id)

    async def decide(self, case_id: str, decision: str = "pass", **more: Any) -> httpx.Response:
        """A decision by the review unit, right or wrong."""
        return await self.ask(self.unit, "POST", f"/cases/{case_id}/decision", {"decision": decision, **more})

    async def passed(self, activity: activities.Activity | None = None) -> list[dict[str, Any]]:
        """The approvals of an activity that was submitted and passed as suggested."""
        activity = activity or an_activity()
        await self.hear(submitted(activity))
        answer = await self.decide(await self.case_of(activity))
        assert answer.status_code == 200, answer.text
        approvals: list[dict[str, Any]] = answer.json()["approvals"]
        return approvals

    async def news(self) -> list[tuple[str, int]]:
        """The outbox as event names and sequences."""
        return [(told.type.split(".")[2], told.sequence) for told in await self.told()]


@pytest.fixture
async def review(make_database: MakeDatabase) -> AsyncIterator[Review]:
    """The service, already told of one rule set and of two recognised review units."""
    service = await Review.start(SERVICE, await make_database("review"))
    assert isinstance(service, Review)
    await service.hear(a_rule_set(), a_recognition(), a_recognition(OTHER))
    yield service
    await service.close()
