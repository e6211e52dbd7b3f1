"""Who looked at a practitioner's record is written down, and the person can read it."""

from __future__ import annotations

from tests.component.identity.conftest import LIN, WANG, Identity, good
from tests.support.tokens import an_actor

BY_NATIONAL_ID = "/practitioners/by-national-id"


async def test_every_way_to_look_somebody_up_is_seen_by_that_person(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    await identity.practitioner_id(WANG)
    hospital = await identity.organisation(name="甲醫院")
    unit = an_actor("offering_unit", organisation_id=hospital["organisation_id"])
    administrator, purpose = identity.administrator, {"X-Purpose": "roster of a course"}
    good(await identity.ask(unit, "GET", "/practitioners?number=P0001", headers=purpose))
    good(await identity.ask(administrator, "GET", f"/practitioners/{lin}"))
    good(await identity.ask(administrator, "GET", "/practitioners"))
    good(await identity.ask(administrator, "POST", BY_NATIONAL_ID, {"national_id": "R121351632"}))
    me = an_actor("practitioner", practitioner_id=lin)
    good(await identity.ask(me, "GET", f"/practitioners/{lin}"))

    page = good(await identity.ask(me, "GET", "/looks"))
    assert [look["action"] for look in page["items"]] == [
        "practitioner.found_by_national_id",
        "practitioner.listed",
        "practitioner.read",
        "practitioner.looked_up",
    ]
    oldest = page["items"][-1]
    assert (oldest["organisation"], oldest["role"], oldest["purpose"]) == (
        "甲醫院",
        "offering_unit",
        purpose["X-Purpose"],
    )


async def test_a_look_that_finds_nobody_leaves_no_trace(identity: Identity) -> None:
    await identity.ask(an_actor("offering_unit"), "GET", "/practitioners?number=P9999")
    await identity.ask(identity.administrator, "POST", BY_NATIONAL_ID, {"national_id": "A123456789"})
    assert await identity.rows("SELECT action FROM audit_log WHERE look") == []
