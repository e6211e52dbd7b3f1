"""Who may look at whose credits, what for, and the trace it leaves."""

from __future__ import annotations

import pytest
from tests.component.credits.town import Town
from tests.support.tokens import an_actor

LOOKS = ("", "/2", "/2/entries", "/2/course-records")


@pytest.mark.parametrize("look", LOOKS)
async def test_a_look_at_somebody_else_without_a_purpose_is_refused(town: Town, look: str) -> None:
    person = await town.settle_in()
    assert await town.refused(f"/statements/{person}{look}", town.unit) == (422, "purpose-required")
    assert await town.audited_looks() == []


@pytest.mark.parametrize("look", LOOKS)
async def test_a_look_with_a_purpose_is_audited_with_it(town: Town, look: str) -> None:
    person = await town.settle_in()
    await town.get(f"/statements/{person}{look}", town.unit, **{"X-Purpose": "employer"})
    [row] = await town.audited_looks()
    assert (row.subject_id, row.reason, row.account_id) == (str(person), "employer", town.unit.account_id)
    assert not row.action.endswith("_refused")


async def test_the_purpose_may_stand_in_the_address(town: Town) -> None:
    person = await town.settle_in()
    await town.get(f"/statements/{person}/2?purpose=renewal", town.unit, Accept="application/json")
    assert [row.reason for row in await town.audited_looks()] == ["renewal"]


async def test_a_purpose_that_is_not_on_the_list_is_refused(town: Town) -> None:
    person = await town.settle_in()
    headers = {"X-Purpose": "curiosity"}
    assert await town.refused(f"/statements/{person}/2", town.unit, **headers) == (422, "validation-failed")


async def test_a_look_at_ones_own_needs_no_purpose_and_leaves_no_trace(town: Town) -> None:
    person = await town.settle_in()
    own = an_actor("practitioner", practitioner_id=person)
    for look in LOOKS:
        await town.get(f"/statements/{person}{look}", own, Accept="application/json")
    assert await town.audited_looks() == []


@pytest.mark.parametrize("look", LOOKS)
async def test_a_practitioner_who_tries_to_see_another_is_refused_and_remembered(town: Town, look: str) -> None:
    person, other = await town.settle_in(), await town.settle_in()
    curious = an_actor("practitioner", practitioner_id=other)
    answer = await town.refused(f"/statements/{person}{look}", curious, **{"X-Purpose": "audit"})
    assert answer == (403, "not-your-statement")
    [row] = await town.audited_looks()
    assert row.action.endswith("_refused")
    assert (row.subject_id, row.account_id, row.after["refused"]) == (
        str(person),
        curious.account_id,
        "not-your-statement",
    )


async def test_another_system_needs_the_scope(town: Town) -> None:
    person = await town.settle_in()
    without, with_it = an_actor("other_system"), an_actor("other_system", scopes=("credits:read",))
    purpose = {"X-Purpose": "renewal"}
    assert await town.refused(f"/statements/{person}/2", without, **purpose) == (403, "forbidden")
    await town.get(f"/statements/{person}/2", with_it, **purpose)
    assert [row.action for row in await town.audited_looks()] == ["statement.read"]
