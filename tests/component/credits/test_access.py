"""Who may look at whose credits, what for, and the trace it leaves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.component.credits.town import Town
from tests.support.tokens import an_actor
from tests.system.routes import address_of, routes_of

from cec_chassis.http import RouteAccess
from cec_chassis.ids import new_id

LOOKS = ("", "/2", "/2/entries", "/2/course-records")
PURPOSE = {"X-Purpose": "audit"}
NOBODY = UUID("00000000-0000-7000-8000-000000000000")
"""Whom `address_of` asks for."""


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


@pytest.mark.parametrize("look", LOOKS)
async def test_another_system_without_the_scope_is_refused_and_remembered(town: Town, look: str) -> None:
    person = await town.settle_in()
    without, with_it = an_actor("other_system"), an_actor("other_system", scopes=("credits:read",))
    purpose = {"X-Purpose": "renewal"}
    assert await town.refused(f"/statements/{person}{look}", without, **purpose) == (403, "forbidden")
    [row] = await town.audited_looks()
    assert row.action.endswith("_refused")
    assert (row.subject_id, row.account_id, row.reason) == (str(person), without.account_id, "renewal")
    assert row.after["refused"] == "forbidden"
    await town.get(f"/statements/{person}{look}", with_it, **purpose)
    assert [row.action for row in await town.audited_looks()] == [
        row.action,
        row.action.removesuffix("_refused"),
    ]


@pytest.mark.parametrize(
    ("said", "kept"), [({}, ""), ({"X-Purpose": "curiosity"}, ""), ({"X-Purpose": "audit"}, "audit")]
)
async def test_a_refusal_by_the_guard_keeps_the_purpose_if_one_of_the_list_was_said(
    town: Town, said: dict[str, str], kept: str
) -> None:
    person = await town.settle_in()
    await town.refused(f"/statements/{person}/2", an_actor("other_system"), **said)
    assert [row.reason for row in await town.audited_looks()] == [kept]
    await town.refused(f"/statements/{person}/2?purpose=review", an_actor("other_system"))
    assert [row.reason for row in await town.audited_looks()] == [kept, "review"]


async def test_a_person_reads_that_another_system_was_refused(town: Town) -> None:
    person = await town.settle_in()
    await town.refused(f"/statements/{person}/2/entries", an_actor("other_system"), **{"X-Purpose": "audit"})
    [look] = (await town.get("/looks", an_actor("practitioner", practitioner_id=person)))["items"]
    assert (look["action"], look["role"]) == ("statement.entries_read_refused", "other_system")
    assert look["what"] == {"profession": "2", "purpose": "audit", "refused": "forbidden"}


async def refusals(town: Town) -> list[Any]:
    """Every refused look in the audit log, at whatever."""
    return await town.rows(
        "SELECT action, look, subject_type, subject_id, account_id, role, reason, after FROM audit_log "
        "WHERE action LIKE '%\\_refused'"
    )


LOOKED_AT = {"credits.statements.own", "credits.statements.read", "credits.batches.ask"}
"""What lets somebody see credits."""
OF_NOBODY = {"/batches/template.csv", "/batches/template.xlsx"}
"""Files to fill in."""
OF_CREDITS = [
    route
    for route in routes_of("credits")
    if route.permission in LOOKED_AT | {"credits.rules.read"} and route.method != "HEAD"
]


@pytest.mark.parametrize("route", OF_CREDITS, ids=lambda route: f"{route.method} {route.path}")
async def test_every_address_of_credits_remembers_whom_its_guard_refuses(town: Town, route: RouteAccess) -> None:
    """An application that asks for a practitioner and was not given the scope: no permission lets it in."""
    person, application = new_id(), new_id()
    actor = an_actor("practitioner", practitioner_id=person, client_id=application)
    answer = await town.ask(actor, route.method, address_of("", route.path).removeprefix("/"), headers=PURPOSE)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    found = await refusals(town)
    if route.permission not in LOOKED_AT or route.path in OF_NOBODY:
        assert found == []
        return
    [row] = found
    assert row.look
    assert row.subject_type == ("batch" if route.path.startswith("/batches") else "practitioner")
    asked = person if route.path == "/statements/mine" else NOBODY
    assert row.subject_id == str(asked) or route.path == "/batches"
    assert (row.account_id, row.role, row.reason) == (actor.account_id, "practitioner", "audit")
    assert (row.after["client_id"], row.after["refused"]) == (str(application), "forbidden")


async def test_a_role_that_may_not_ask_for_batches_is_refused_and_remembered(town: Town) -> None:
    curious = an_actor("practitioner", practitioner_id=new_id())
    answer = await town.ask(curious, "POST", "/batches", headers=PURPOSE)
    assert answer.status_code == 403
    [row] = await refusals(town)
    assert (row.action, row.account_id, row.reason) == ("batch.asked_refused", curious.account_id, "audit")


async def test_who_cannot_be_remembered_is_not_told_either_and_gets_nothing(town: Town) -> None:
    person = await town.settle_in()
    async with town.database.transaction() as tx:
        await tx.execute("ALTER TABLE audit_log RENAME TO audit_log_away")
    answer = await town.ask(an_actor("other_system"), "GET", f"/statements/{person}/2", headers=PURPOSE)
    assert answer.status_code == 500
    assert "valid" not in answer.text
