"""Who sees and who changes an activity."""

from __future__ import annotations

import pytest
from tests.component.activities.conftest import REVIEWING, Activities, proposal
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id


async def test_another_unit_neither_reads_nor_changes_an_activity(activities: Activities) -> None:
    drafted = await activities.draft()
    path = f"/activities/{drafted['activity_id']}"

    answers = [
        await activities.ask(activities.other_unit, "GET", path),
        await activities.ask(activities.other_unit, "PUT", path, proposal(version=1)),
        await activities.ask(activities.other_unit, "POST", f"{path}/submit"),
        await activities.ask(activities.other_unit, "POST", f"{path}/withdraw"),
    ]

    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {
        (403, "/problems/another-units-activity")
    }
    assert await activities.read(drafted["activity_id"]) == drafted
    assert await activities.audited() == ["activity.drafted"]


async def test_the_review_unit_reads_what_was_submitted_to_it_and_no_draft(activities: Activities) -> None:
    drafted = await activities.draft()
    path = f"/activities/{drafted['activity_id']}"

    before = await activities.ask(activities.review_unit, "GET", path)
    await activities.submit(drafted["activity_id"])
    after = await activities.ask(activities.review_unit, "GET", path)
    foreign = await activities.ask(an_actor("review_unit", organisation_id=new_id()), "GET", path)

    assert (before.status_code, after.status_code, foreign.status_code) == (403, 200, 403)


async def test_a_committee_member_and_an_administrator_read(activities: Activities) -> None:
    submitted = await activities.submitted()
    path = f"/activities/{submitted['activity_id']}"
    member = an_actor("committee_member", organisation_id=REVIEWING)

    assert (await activities.ask(member, "GET", path)).json() == submitted
    assert (await activities.ask(activities.administrator, "GET", path)).json() == submitted


@pytest.mark.parametrize("role", ["practitioner", "review_unit", "committee_member", "system_administrator"])
async def test_only_an_offering_unit_drafts(activities: Activities, role: str) -> None:
    refused = await activities.ask(an_actor(role, organisation_id=REVIEWING), "POST", "/activities", proposal())

    assert refused.status_code == 403


async def test_without_a_token_nobody_reads(activities: Activities) -> None:
    assert (await activities.ask(None, "GET", "/activities")).status_code == 401


async def test_an_account_without_a_unit_has_no_activities(activities: Activities) -> None:
    refused = await activities.ask(an_actor("offering_unit"), "GET", "/activities")

    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/another-units-activity")


async def test_an_unknown_activity_is_not_found(activities: Activities) -> None:
    missing = await activities.ask(activities.unit, "GET", f"/activities/{new_id()}")

    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/activity-not-found")


async def test_lists_show_everybody_their_own_newest_first(activities: Activities) -> None:
    first = await activities.draft(title="一")
    second = await activities.submitted(title="二")
    await activities.draft(actor=activities.other_unit)

    own = await activities.ask(activities.unit, "GET", "/activities")
    drafts = await activities.ask(activities.unit, "GET", "/activities?status=draft")
    queue = await activities.ask(activities.review_unit, "GET", "/activities")
    every = await activities.ask(activities.administrator, "GET", "/activities?page_size=2&page=2")

    assert [line["activity_id"] for line in own.json()["items"]] == [second["activity_id"], first["activity_id"]]
    assert [line["title"] for line in drafts.json()["items"]] == ["一"]
    assert [line["title"] for line in queue.json()["items"]] == ["二"]
    assert (every.json()["total"], len(every.json()["items"])) == (3, 1)


async def test_an_unknown_status_in_a_list_is_refused(activities: Activities) -> None:
    refused = await activities.ask(activities.unit, "GET", "/activities?status=lost")

    assert refused.status_code in {400, 422}
    assert refused.json()["errors"][0]["path"] == "query.status"
