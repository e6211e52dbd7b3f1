"""Who looked at an activity that names lecturers is written down, and those lecturers can read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from tests.component.activities.conftest import OFFERING, PRACTITIONER, Activities, course, practitioner
from tests.support.one_service import News
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id

LECTURERS = [{"name": "林技師", "practitioner_number": "P0001"}, {"name": "王教授"}]


async def looks(activities: Activities, person: UUID = PRACTITIONER) -> list[dict[str, Any]]:
    answer = await activities.ask(an_actor("practitioner", practitioner_id=person), "GET", "/looks")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_lecturer_reads_who_looked_at_the_activity(activities: Activities) -> None:
    sent = await activities.submitted(courses=[course(lecturers=LECTURERS), course(lecturers=LECTURERS[:1])])
    path = f"/activities/{sent['activity_id']}"
    assert await looks(activities) == [], "the unit was told what it said itself"
    for actor in (activities.unit, activities.review_unit, activities.administrator):
        assert (await activities.ask(actor, "GET", path)).status_code == 200

    newest, reviewing, offering = await looks(activities)

    assert (newest["role"], newest["name"]) == ("system_administrator", "測試帳號")
    assert [look["organisation"] for look in (reviewing, offering)] == ["牙體技術師公會全聯會", "甲醫事學會"]
    assert {look["action"] for look in (newest, reviewing, offering)} == {"activity.read"}
    assert {look["purpose"] for look in (newest, reviewing, offering)} == {"activity"}
    assert offering["what"] == {"activity_id": sent["activity_id"], "activity_code": sent["code"]}


async def test_another_system_is_named_too(activities: Activities) -> None:
    drafted = await activities.draft(courses=[course(lecturers=LECTURERS)])
    system = an_actor("other_system", organisation_id=OFFERING, scopes=("activities:read",), client_id=new_id())
    assert (await activities.ask(system, "GET", f"/activities/{drafted['activity_id']}")).status_code == 200
    assert [(look["role"], look["organisation"]) for look in await looks(activities)] == [
        ("other_system", "甲醫事學會")
    ]


async def test_lists_refusals_and_activities_without_practitioners_leave_no_look(activities: Activities) -> None:
    drafted = await activities.draft(courses=[course(lecturers=LECTURERS)])
    plain = await activities.draft(courses=[course(lecturers=LECTURERS[1:])])
    await activities.ask(activities.unit, "GET", "/activities")
    await activities.ask(activities.unit, "GET", f"/activities/{plain['activity_id']}")
    assert (
        await activities.ask(activities.other_unit, "GET", f"/activities/{drafted['activity_id']}")
    ).status_code == 403
    assert await looks(activities) == []


async def test_a_look_at_a_record_that_was_merged_into_ones_own_counts(activities: Activities) -> None:
    survivor = new_id()
    drafted = await activities.draft(courses=[course(lecturers=LECTURERS)])
    await activities.read(drafted["activity_id"])
    assert await looks(activities, survivor) == []
    await activities.hear(practitioner("P0009", survivor), _merged(2, survivor))
    assert len(await looks(activities, survivor)) == 1
    await activities.hear(_merged(3, None))
    assert await looks(activities, survivor) == []
    await activities.hear(_merged(2, survivor))  # old news
    assert await looks(activities, survivor) == []


def _merged(sequence: int, survivor: UUID | None) -> News:
    news = practitioner("P0001", sequence=sequence)
    return msgspec.structs.replace(news, body=msgspec.structs.replace(news.body, merged_into=survivor))


async def test_only_practitioners_ask(activities: Activities) -> None:
    assert (await activities.ask(activities.unit, "GET", "/looks")).status_code == 403
