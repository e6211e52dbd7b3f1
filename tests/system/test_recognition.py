"""A review unit loses its recognition: what it recognised in breach of the rules loses its effect in every service."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.eventually import eventually
from tests.system.people import LENIENT_SECONDS, World, proposal, sign_in

from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


async def test_a_revocation_voids_what_was_in_breach_and_stops_the_unit(stack: Stack, world: World) -> None:
    unit = await world.admin.post(
        "/identity/organisations",
        {"code": "R1009", "name": "將廢止之公會", "kind": "公會", "county": "臺北市", "reviews_courses": True},
    )
    account = {"name": "revoked-review", "password": stack.demo_password, "role": "review_unit"}
    await world.admin.post("/identity/accounts", account | {"organisation_id": unit["organisation_id"]})
    review = await sign_in(world.http, account["name"], account["password"])
    kept, void, left_open = [await _submitted(world, unit["organisation_id"]) for _ in range(3)]
    awards = [{"profession": "2", "role": "learner", "points": "3.60"}]
    approvals: list[dict[str, Any]] = []
    for activity in (kept, void):
        case = await _case(review, activity)
        [course] = (await review.get(f"/review/cases/{case['case_id']}"))["activity"]["courses"]
        decision = {"decision": "pass", "courses": [{"course_id": course["course_id"], "awards": awards}]}
        approvals += (await review.post(f"/review/cases/{case['case_id']}/decision", decision))["approvals"]
    await _case(review, left_open)
    [recognition] = (await world.admin.get("/identity/recognitions", organisation_id=unit["organisation_id"]))["items"]
    breach = {"course_ids": [approvals[1]["course_id"]], "reason": "未依申請內容實施"}
    revocation = {"ground": "improper_review", "reason": "未依計畫書審查，情節重大", "breaches": [breach]}
    await world.admin.post(f"/identity/recognitions/{recognition['recognition_id']}/revoke", revocation)

    async def is_void() -> bool:
        found = await review.get(f"/review/approvals/{approvals[1]['course_id']}")
        return bool((found["status"], found["article"]) == ("withdrawn", "18(2)"))

    await eventually(is_void, within=LENIENT_SECONDS)
    other = f"/review/approvals/{approvals[0]['course_id']}"
    assert (await review.get(other))["status"] == "approved"
    refused = await review.ask("POST", f"{other}/withdraw", json={"reason": "自行撤銷"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/review-unit-not-recognised")

    async def came_back() -> bool:
        found = await world.offering.get(f"/activities/activities/{left_open}")
        return bool(found["status"] == "returned")

    await eventually(came_back, within=LENIENT_SECONDS)

    async def is_off_the_rosters() -> bool:
        found = await world.offering.ask("GET", f"/enrolment/rosters/{approvals[1]['course_id']}")
        return found.is_success and found.json()["status"] == "withdrawn"

    await eventually(is_off_the_rosters, within=LENIENT_SECONDS)


async def _submitted(world: World, review_unit_id: str) -> str:
    activity: dict[str, Any] = {}

    async def is_known() -> bool:
        answer = await world.offering.ask("POST", "/activities/activities", json=proposal(review_unit_id))
        activity.update(answer.json() if answer.is_success else {})
        return answer.is_success

    await eventually(is_known, within=LENIENT_SECONDS)
    await world.offering.post(f"/activities/activities/{activity['activity_id']}/submit")
    return str(activity["activity_id"])


async def _case(review: Any, activity_id: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    async def has_arrived() -> bool:
        found[:] = (await review.get("/review/cases", activity_id=activity_id))["items"]
        return bool(found)

    await eventually(has_arrived, within=LENIENT_SECONDS)
    return found[0]
