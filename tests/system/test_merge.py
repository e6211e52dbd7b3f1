"""Two records of one person are merged in identity: every service that has heard of it takes them for one."""

from __future__ import annotations

import pytest
from tests.system.courses import AS_OF, POINTS, administrator, approved, attended, entries, registered, stands
from tests.system.people import World, sign_in

from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
BOTH, ALL = "7.20", "10.80"


async def test_a_merge_brings_all_points_together_and_leads_from_the_former_record_to_the_survivor(
    stack: Stack, world: World
) -> None:
    admin = await administrator(world, stack)
    survivor = await registered(admin, "F000001", "U800000002")
    former = await registered(admin, "F000002", "H120000004")
    account = {"name": "merged-person", "password": stack.demo_password, "role": "practitioner"}
    await admin.post("/identity/accounts", account | {"practitioner_id": survivor})
    first, second, late = [await approved(world) for _ in range(3)]
    await attended(world, first, number="F000001")
    await attended(world, second, number="F000002")
    for person in (survivor, former):
        await stands(admin, person, valid=POINTS, merged_into=None)

    await admin.post(f"/identity/practitioners/{survivor}/merge", {"former_id": former, "reason": "同一人"})

    whole = await stands(admin, survivor, valid=BOTH, merged_into=None, merged_from=[former])
    assert whole["invalid"] == "0.00"
    empty = await stands(admin, former, valid="0.00", merged_into=survivor)
    assert "merged_into" in empty["merged_text"]["en"]
    found = await entries(admin, survivor)
    assert {course: entry["recorded_under"] for course, entry in found.items()} == {first: None, second: former}
    assert await entries(admin, former) == {}

    await attended(world, late, number="F000002")  # the old number is still on somebody's list
    await stands(admin, survivor, valid=ALL)
    await stands(admin, former, valid="0.00")

    me = await sign_in(world.http, account["name"], account["password"])
    for record, valid in ((survivor, ALL), (former, "0.00")):
        assert (await me.get(f"/credits/statements/{record}/2", as_of=AS_OF))["valid"] == valid
    bundle = await me.get("/identity/personal-data/mine")
    assert set(bundle["national_ids"]) == {"U800000002", "H120000004"}
    assert f"/api/v1/credits/statements/{survivor}/2/entries" in bundle["elsewhere"].values()

    await admin.post(f"/identity/practitioners/{former}/separate", {"reason": "不是同一人"})
    await stands(admin, former, valid=POINTS, merged_into=None)
