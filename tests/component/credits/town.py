"""The credits service on its own: dental technicians, the courses they went to, and whoever asks about them."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec
from tests.support.facts import News as Fact
from tests.support.facts import approval_of, attendance_of, practitioner_of
from tests.support.one_service import News, OneService
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_chassis.ids import new_id
from cec_contracts import identity
from cec_credits.recalculation.loop import drain
from cec_credits.rulesets.edition import PublishedRules

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
"""2026-03-02 12:00 in Taipei."""
CASE: dict[str, Any] = {
    "profession": "2",
    "licence": {"valid_from": "2021-05-01", "valid_until": "2027-05-01", "extended_until": None},
    "practice_areas": [{"since": "2000-01-01", "area": "ordinary"}],
}


def a_record(on: str = "2025-03-01", method: str = "M01", role: str = "learner", **changes: Any) -> dict[str, Any]:
    """A morning of three hours, a professional course."""
    return {
        "method": method,
        "role": role,
        "attribute": "professional",
        "infection_control": False,
        "gender": False,
        "starts_at": f"{on}T09:00:00+08:00",
        "ends_at": f"{on}T12:00:00+08:00",
        "minutes": 180,
    } | changes


class Town(OneService):
    """What credits is told and asked."""

    administrator = an_actor("system_administrator")
    unit = an_actor("offering_unit", organisation_id=UUID(int=7))

    async def tell(self, *facts: Fact) -> None:
        """As the bus would bring them, each an event of its own; then everything marked is worked in."""
        for fact in facts:
            await self.hear(News(event=fact.event, subject=fact.subject, sequence=fact.sequence, body=fact.body))
        await self.recalculate()

    async def recalculate(self) -> None:
        """Until nothing is marked, by the published rules."""
        await drain(self.runtime.database("worker"), PublishedRules(), asyncio.Event())

    async def settle_in(self, *, sequence: int = 1, person: UUID | None = None, **licence: str) -> UUID:
        """A practitioner registers; `licence` changes its days."""
        person = person or new_id()
        await self.tell(practitioner_of({**CASE, "licence": {**CASE["licence"], **licence}}, person, sequence))
        return person

    async def attend(self, person: UUID, name: str, points: str = "3.60", **record: Any) -> UUID:
        """A course is approved and the person goes there. Returns the course; the same name is the same course."""
        about = {
            key: record.pop(key)
            for key in ("course_code", "activity_code", "offering_unit_name", "review_unit_id", "purposes")
            if key in record
        }
        told = a_record(**record)
        course = uuid5(person, name)
        await self.tell(
            approval_of(course, told, "2", Decimal(points), course_title=name, **about),
            attendance_of(person, course, "2", told["role"]),
        )
        return course

    async def audited_looks(self) -> list[Any]:
        """The audit rows about people, in order."""
        return await self.rows(
            "SELECT action, subject_id, account_id, reason, after FROM audit_log "
            "WHERE subject_type = 'practitioner' ORDER BY id"
        )

    async def get(self, path: str, actor: Actor | None = None, **headers: str) -> dict[str, Any]:
        """An answer that must be good; the administrator asks, for an audit, unless somebody else does."""
        response = await self.ask(actor or self.administrator, "GET", path, headers=headers or {"X-Purpose": "audit"})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def refused(self, path: str, actor: Actor, **headers: str) -> tuple[int, str]:
        """Status and slug."""
        response = await self.ask(actor, "GET", path, headers=headers)
        return response.status_code, response.json()["type"].removeprefix("/problems/")


def also_a(profession: str, news: Fact) -> Fact:
    """The same practitioner with a second licence."""
    body: identity.Practitioner = news.body
    second = msgspec.structs.replace(body.licences[0], licence_id=new_id(), profession=profession)
    return Fact(
        news.event, news.subject, news.sequence, msgspec.structs.replace(body, licences=[*body.licences, second])
    )


def later(town: Town, **by: float) -> datetime:
    """The clock moves on; where it stands then."""
    return town.clock.advance(timedelta(**by))


def a_licence_from(news: Fact, begins: date, ends: date) -> Fact:
    """The same practitioner whose next licence is known already."""
    body: identity.Practitioner = news.body
    following = msgspec.structs.replace(body.licences[0], licence_id=new_id(), valid_from=begins, valid_until=ends)
    licences = [*body.licences, following]
    return Fact(news.event, news.subject, news.sequence + 1, msgspec.structs.replace(body, licences=licences))
