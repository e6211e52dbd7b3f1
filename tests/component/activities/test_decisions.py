"""News from review and identity: repeated, late, in another order."""

from __future__ import annotations

import pytest
from tests.component.activities.conftest import (
    OFFERING,
    PRACTITIONER,
    Activities,
    course,
    organisation,
    practitioner,
    proposal,
)


@pytest.mark.parametrize("status", ["passed", "failed", "returned"])
async def test_an_activity_follows_the_decision_on_it(activities: Activities, status: str) -> None:
    submitted = await activities.submitted()

    await activities.hear(activities.decision(submitted, status))

    decided = await activities.read(submitted["activity_id"])
    assert (decided["status"], decided["comment"], decided["version"]) == (status, "請補講師學經歷", 3)
    assert (await activities.audited())[-1] == f"activity.{status}"
    assert len(await activities.told()) == 1


async def test_a_decision_heard_twice_counts_once(activities: Activities) -> None:
    submitted = await activities.submitted()
    decision = activities.decision(submitted, "returned")

    await activities.hear(decision, decision)
    await activities.hear(decision)

    assert (await activities.read(submitted["activity_id"]))["version"] == 3
    assert (await activities.audited()).count("activity.returned") == 1


async def test_a_returned_activity_is_edited_and_submitted_again(activities: Activities) -> None:
    submitted = await activities.submitted()
    path = f"/activities/{submitted['activity_id']}"
    await activities.hear(activities.decision(submitted, "returned"))

    kept = submitted["courses"][0]["course_id"]
    revision = proposal(version=3, courses=[course(course_id=kept, title="修改後")])
    assert (await activities.ask(activities.unit, "PUT", path, revision)).status_code == 200
    again = await activities.submit(submitted["activity_id"])

    assert (again["submission"], again["status"], again["comment"]) == (2, "submitted", "")
    first, second = await activities.told()
    assert (second.body.submission, second.sequence) == (2, 5)
    assert second.body.courses[0].course_id == first.body.courses[0].course_id
    assert second.body.courses[0].title == "修改後"


@pytest.mark.parametrize("late", ["returned", "failed", "passed"])
async def test_a_late_decision_on_an_older_submission_does_not_unlock_the_newer_one(
    activities: Activities, late: str
) -> None:
    submitted = await activities.submitted()
    await activities.hear(activities.decision(submitted, "returned"))
    again = await activities.submit(submitted["activity_id"])

    await activities.hear(activities.decision(again, late, submission=1))

    assert await activities.read(submitted["activity_id"]) == again


async def test_a_decision_that_crosses_with_a_withdrawal_changes_nothing(activities: Activities) -> None:
    submitted = await activities.submitted()
    await activities.ask(activities.unit, "POST", f"/activities/{submitted['activity_id']}/withdraw")

    await activities.hear(activities.decision(submitted, "passed"))

    assert (await activities.read(submitted["activity_id"]))["status"] == "withdrawn"


async def test_a_decision_on_an_activity_we_do_not_know_is_let_go(activities: Activities) -> None:
    unknown = {"activity_id": "00000000-0000-0000-0000-000000000009", "submission": 1}

    await activities.hear(activities.decision(unknown, "passed"))

    assert await activities.audited() == []


async def test_decisions_on_many_activities_come_in_one_batch(activities: Activities) -> None:
    submitted = [await activities.submitted() for _ in range(3)]

    await activities.hear(*(activities.decision(each, "passed") for each in reversed(submitted)))

    assert {(await activities.read(each["activity_id"]))["status"] for each in submitted} == {"passed"}


async def test_older_news_of_a_unit_does_not_bring_its_old_name_back(activities: Activities) -> None:
    await activities.hear(organisation(OFFERING, "新名稱", sequence=3))
    await activities.hear(organisation(OFFERING, "舊名稱", sequence=2))

    await activities.submitted()

    assert [news.body.offering_unit_name for news in await activities.told()] == ["新名稱"]


async def test_several_news_of_one_unit_in_a_batch_leave_the_newest(activities: Activities) -> None:
    await activities.hear(*(organisation(OFFERING, f"第{number}名", sequence=number) for number in (4, 6, 5)))

    await activities.submitted()

    assert [news.body.offering_unit_name for news in await activities.told()] == ["第6名"]


async def test_a_practitioner_who_is_no_longer_active_is_no_lecturer(activities: Activities) -> None:
    await activities.hear(practitioner("P0001", active=False, sequence=2))
    await activities.hear(practitioner("P0001", active=True, sequence=1))

    wanted = proposal(courses=[course(lecturers=[{"name": "林技師", "practitioner_number": "P0001"}])])
    refused = await activities.ask(activities.unit, "POST", "/activities", wanted)

    assert [error["slug"] for error in refused.json()["errors"]] == ["unknown-practitioner"]


async def test_a_practitioner_is_found_by_the_number_they_have_now(activities: Activities) -> None:
    await activities.hear(practitioner("P0002", sequence=2))

    drafted = await activities.draft(courses=[course(lecturers=[{"name": "林", "practitioner_number": "P0002"}])])

    assert drafted["courses"][0]["lecturers"][0]["practitioner_id"] == str(PRACTITIONER)
