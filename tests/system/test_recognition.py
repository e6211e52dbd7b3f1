"""A review unit loses its recognition: what it recognised in breach of the rules loses its effect in every service."""

from __future__ import annotations

import pytest
from tests.support.eventually import eventually
from tests.system.courses import (
    POINTS,
    administrator,
    approved,
    attended,
    case_of,
    entries,
    passed,
    registered,
    stands,
    submitted,
)
from tests.system.people import LENIENT_SECONDS, Caller, World, sign_in

from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


async def a_review_unit(stack: Stack, world: World, admin: Caller, code: str) -> Caller:
    """Somebody of another review unit, recognised since it was registered."""
    unit = await admin.post(
        "/identity/organisations",
        {"code": code, "name": "將廢止之公會", "kind": "公會", "county": "臺北市", "reviews_courses": True},
    )
    account = {"name": f"revoked-{code}", "password": stack.demo_password, "role": "review_unit"}
    await admin.post("/identity/accounts", account | {"organisation_id": unit["organisation_id"]})
    return await sign_in(world.http, account["name"], account["password"])


async def revoke(admin: Caller, unit_id: str, course_id: str) -> None:
    """For reviewing improperly; what it decided about this course was in breach of the rules."""
    [recognition] = (await admin.get("/identity/recognitions", organisation_id=unit_id))["items"]
    breach = {"course_ids": [course_id], "reason": "未依申請內容實施"}
    revocation = {"ground": "improper_review", "reason": "未依計畫書審查，情節重大", "breaches": [breach]}
    await admin.post(f"/identity/recognitions/{recognition['recognition_id']}/revoke", revocation)


async def test_a_revocation_voids_what_was_in_breach_and_stops_the_unit(stack: Stack, world: World) -> None:
    admin = await administrator(world, stack)
    review = await a_review_unit(stack, world, admin, "R1009")
    unit = str(review.tokens["organisation_id"])
    kept_activity, void_activity, left_open = [await submitted(world, unit) for _ in range(3)]
    kept, void = await passed(review, kept_activity), await passed(review, void_activity)
    await case_of(review, left_open)
    await revoke(admin, unit, void)

    async def is_void() -> bool:
        found = await review.get(f"/review/approvals/{void}")
        return bool((found["status"], found["article"]) == ("withdrawn", "18(2)"))

    await eventually(is_void, within=LENIENT_SECONDS)
    assert (await review.get(f"/review/approvals/{kept}"))["status"] == "approved"
    refused = await review.ask("POST", f"/review/approvals/{kept}/withdraw", json={"reason": "自行撤銷"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/review-unit-not-recognised")

    async def came_back() -> bool:
        found = await world.offering.get(f"/activities/activities/{left_open}")
        return bool(found["status"] == "returned")

    await eventually(came_back, within=LENIENT_SECONDS)

    async def is_off_the_rosters() -> bool:
        found = await world.offering.ask("GET", f"/enrolment/rosters/{void}")
        return found.is_success and found.json()["status"] == "withdrawn"

    await eventually(is_off_the_rosters, within=LENIENT_SECONDS)


async def test_points_given_in_breach_count_no_longer_on_the_statement_of_whoever_was_there(
    stack: Stack, world: World
) -> None:
    admin = await administrator(world, stack)
    person = await registered(admin, "G000001", "O220000002")
    bystander = await registered(admin, "G000002", "R220000003")
    review = await a_review_unit(stack, world, admin, "R1010")
    unit = str(review.tokens["organisation_id"])
    kept, void = [await passed(review, await submitted(world, unit)) for _ in range(2)]
    of_others = await approved(world)
    for course in (kept, void, of_others):
        await attended(world, course, number="G000001")
    await attended(world, kept, number="G000002")
    await stands(admin, person, valid="10.80", invalid="0.00", counted="10.80")
    untouched = await stands(admin, bystander, valid=POINTS, freshness="current")

    await revoke(admin, unit, void)

    await stands(admin, person, valid="7.20", invalid=POINTS, counted="7.20")
    found = await entries(admin, person)
    assert {course: (entry["state"], entry["reason"], entry["counted"]) for course, entry in found.items()} == {
        kept: ("valid", "COUNTED", POINTS),
        of_others: ("valid", "COUNTED", POINTS),
        void: ("invalid", "RECOGNITION_VOID", "0.00"),
    }
    [loss] = found[void]["losses"]
    assert (loss["step"], loss["amount"], loss["source"]["article"]) == ("approval", POINTS, "18(2)")
    assert (await stands(admin, bystander, valid=POINTS))["version"] == untouched["version"]
