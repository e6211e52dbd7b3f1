"""Organisations: registered and changed by administrators, read by everybody who has signed in."""

from __future__ import annotations

from typing import Any

import pytest
from tests.component.identity.conftest import Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id


async def test_a_registered_organisation_is_told_audited_and_found_by_code(identity: Identity) -> None:
    registered = await identity.organisation(code="ａ01", county="台北市", reviews_professions=["D", "2", "D"])
    assert (registered["code"], registered["county"]) == ("A01", "臺北市")
    assert registered["reviews_professions"] == ["2", "D"]
    told, recognised = (await identity.told())[-2:]
    assert (told.type, told.sequence) == ("cec.identity.organisation_registered.v1", 1)
    assert str(told.body.organisation_id) == told.subject == registered["organisation_id"]
    assert recognised.type == "cec.identity.review_unit_recognised.v1"
    assert (await identity.audited())[-2:] == ["organisation.registered", "review_unit.recognised"]
    page = good(await identity.ask(an_actor("practitioner"), "GET", "/organisations?code=A01"))
    assert (page["total"], page["items"]) == (1, [registered])
    system = an_actor("other_system", scopes=("organisations:read",))
    one = await identity.ask(system, "GET", f"/organisations/{registered['organisation_id']}")
    assert good(one) == registered


async def test_a_change_has_the_next_sequence_and_no_change_has_none(identity: Identity) -> None:
    registered = await identity.organisation()
    path = f"/organisations/{registered.pop('organisation_id')}"
    changed = registered | {"active": False, "reason": "停業"}
    for _ in range(2):
        assert good(await identity.ask(identity.administrator, "PUT", path, changed))["active"] is False
    told = [told for told in await identity.told() if ".organisation_" in told.type]
    assert [(t.type.split(".")[2], t.sequence, t.body.active) for t in told] == [
        ("organisation_registered", 1, True),
        ("organisation_changed", 2, False),
    ]


async def test_a_code_names_one_organisation_only(identity: Identity) -> None:
    await identity.organisation(code="A01")
    other = await identity.organisation(code="B01")
    body = {name: value for name, value in other.items() if name != "organisation_id"} | {"code": "a01"}
    taken = await identity.ask(identity.administrator, "PUT", f"/organisations/{other['organisation_id']}", body)
    assert refusal(taken) == (409, "organisation-code-taken", [])
    del body["active"]
    assert refusal(await identity.ask(identity.administrator, "POST", "/organisations", body))[0] == 409
    nowhere = await identity.ask(identity.administrator, "PUT", f"/organisations/{new_id()}", body)
    assert refusal(nowhere)[:2] == (404, "not-found")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": 7}, ("body.name", "wrong-type")),
        ({"county": "foo"}, ("body.county", "unknown-county")),
        ({"unheard_of": 1}, ("body.unheard_of", "unknown-field")),
        ({"version": 9}, ("body.version", "unknown-field")),
        ({"name": " "}, ("body.name", "missing-value")),
        ({"name": "甲\u200b會"}, ("body.name", "bad-character")),
        ({"code": "臺01"}, ("body.code", "organisation-code-format")),
        ({"reviews_professions": ["牙"]}, ("body.reviews_professions[0]", "wrong-format")),
        ({"reviews_courses": False}, ("body.reviews_professions", "not-a-review-unit")),
    ],
)
async def test_bad_input_is_refused_with_its_path_and_leaves_nothing(
    identity: Identity, changes: dict[str, Any], error: tuple[str, str]
) -> None:
    body = {"code": "A01", "name": "學會", "kind": "學會", "reviews_courses": True, "reviews_professions": ["2"]}
    known = len(await identity.told())
    response = await identity.ask(identity.administrator, "POST", "/organisations", body | changes)
    assert refusal(response) == (422, "validation-failed", [error])
    assert await identity.rows("SELECT id FROM organisations") == []
    assert len(await identity.told()) == known


async def test_only_administrators_write_and_only_who_has_signed_in_reads(identity: Identity) -> None:
    body = {"code": "A01", "name": "學會", "kind": "學會"}
    assert refusal(await identity.ask(an_actor("review_unit"), "POST", "/organisations", body))[0] == 403
    assert refusal(await identity.ask(None, "GET", "/organisations"))[:2] == (401, "unauthenticated")


async def test_a_command_sent_twice_under_one_key_happens_once(identity: Identity) -> None:
    body = {"code": "A01", "name": "學會", "kind": "學會"}
    key = {"Idempotency-Key": "once"}
    first, second = [
        await identity.ask(identity.administrator, "POST", "/organisations", body, headers=key) for _ in range(2)
    ]
    assert good(first, 201) == good(second, 201)
    assert second.headers["idempotency-replayed"] == "true"
