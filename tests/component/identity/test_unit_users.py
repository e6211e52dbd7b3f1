"""A unit keeps its data and looks after its people; nobody raises themselves, nobody reaches into another unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from tests.component.identity.applying import CONTACT
from tests.component.identity.conftest import Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.context import Actor

WHY = {"reason": "離職"}


@dataclass
class Unit:
    """A unit with two people of a role, and one of another unit."""

    identity: Identity
    organisation_id: str
    first: Actor
    second: Actor

    async def ask(self, actor: Actor, act: str, account: Actor | str, body: Any = None) -> Any:
        path = f"/unit/users/{account if isinstance(account, str) else account.account_id}/{act}"
        return await self.identity.ask(actor, "POST", path, WHY if body is None else body)

    async def state_of(self, actor: Actor) -> str:
        [row] = await self.identity.rows("SELECT state FROM accounts WHERE id = :id", id=actor.account_id)
        return str(row.state)


async def person(identity: Identity, name: str, role: str, organisation_id: str) -> Actor:
    """Somebody with an account, as their token says."""
    opened = await identity.account(name, role=role, organisation_id=organisation_id)
    return an_actor(role, account_id=UUID(opened["account_id"]), organisation_id=UUID(organisation_id))


@pytest.fixture
async def unit(identity: Identity) -> Unit:
    organisation_id = str((await identity.organisation())["organisation_id"])
    first, second = [await person(identity, name, "offering_unit", organisation_id) for name in ("first", "second")]
    return Unit(identity, organisation_id, first, second)


async def test_colleagues_disable_and_resume_one_another(unit: Unit) -> None:
    disabled = good(await unit.ask(unit.first, "disable", unit.second))
    assert (disabled["state"], disabled["state_by"], disabled["state_reason"]) == ("disabled", "unit", "離職")
    page = good(await unit.identity.ask(unit.first, "GET", "/unit/users"))
    assert [(line["name"], line["state"], line["own"], line["may_resume"]) for line in page["items"]] == [
        ("first", "active", True, False),
        ("second", "disabled", False, True),
    ]
    assert good(await unit.ask(unit.first, "resume", unit.second))["state"] == "active"
    told = [told.body.state.value for told in await unit.identity.told() if told.type.endswith("account_changed.v1")]
    assert told == ["disabled", "active"]
    assert (await unit.identity.audited())[-3:] == ["account.disabled", "unit_user.listed", "account.resumed"]


async def test_nobody_changes_their_own_state_here(unit: Unit) -> None:
    for act in ("disable", "resume"):
        assert refusal(await unit.ask(unit.first, act, unit.first))[0] == 403
    assert await unit.state_of(unit.first) == "active"


async def test_a_disabled_account_does_not_resume_itself_with_a_token_it_still_has(unit: Unit) -> None:
    good(await unit.ask(unit.first, "disable", unit.second))
    for act, whom in (("resume", unit.second), ("disable", unit.first)):
        assert refusal(await unit.ask(unit.second, act, whom))[0] == 403
    assert (await unit.identity.ask(unit.second, "GET", "/unit/users")).status_code == 403
    assert await unit.state_of(unit.second) == "disabled"
    assert await unit.state_of(unit.first) == "active"


async def test_what_an_administrator_did_only_administrators_undo(unit: Unit) -> None:
    administrator = unit.identity.administrator
    for act in ("disable", "suspend"):
        path = f"/accounts/{unit.second.account_id}"
        good(await unit.identity.ask(administrator, "POST", f"{path}/{act}", {"reason": "違反服務條款"}))
        assert refusal(await unit.ask(unit.first, "resume", unit.second))[:2] == (409, "only-administrators-resume")
        page = good(await unit.identity.ask(unit.first, "GET", "/unit/users"))
        assert [line["may_resume"] for line in page["items"]] == [False, False]
        good(await unit.identity.ask(administrator, "POST", f"{path}/resume", {"reason": "已改善"}))
        assert await unit.state_of(unit.second) == "active"


async def test_another_units_people_are_neither_seen_nor_touched(unit: Unit) -> None:
    elsewhere = str((await unit.identity.organisation("B01"))["organisation_id"])
    stranger = await person(unit.identity, "stranger", "offering_unit", elsewhere)
    reviewer = await person(unit.identity, "reviewer", "review_unit", unit.organisation_id)
    for whom in (stranger, reviewer, str(unit.identity.administrator.account_id)):
        for act in ("disable", "resume"):
            assert refusal(await unit.ask(unit.first, act, whom))[:2] == (404, "not-found")
    page = good(await unit.identity.ask(unit.first, "GET", "/unit/users"))
    assert [line["name"] for line in page["items"]] == ["first", "second"]
    # a token that says another unit than the account: the account counts
    forged = an_actor("offering_unit", account_id=unit.first.account_id, organisation_id=UUID(elsewhere))
    assert refusal(await unit.ask(forged, "disable", stranger))[0] == 404


async def test_a_review_unit_looks_after_its_committee(unit: Unit) -> None:
    reviewer = await person(unit.identity, "reviewer", "review_unit", unit.organisation_id)
    member = await person(unit.identity, "member", "committee_member", unit.organisation_id)
    good(await unit.ask(reviewer, "disable", member))
    assert await unit.state_of(member) == "disabled"
    assert refusal(await unit.ask(member, "disable", reviewer))[0] == 403
    assert refusal(await unit.ask(unit.first, "resume", member))[0] == 404


async def test_a_colleague_of_a_closed_unit_is_not_resumed(unit: Unit) -> None:
    good(await unit.ask(unit.first, "disable", unit.second))
    path = f"/organisations/{unit.organisation_id}"
    known = good(await unit.identity.ask(unit.identity.administrator, "GET", path))
    known.pop("organisation_id")
    good(await unit.identity.ask(unit.identity.administrator, "PUT", path, known | {"active": False}))
    assert refusal(await unit.ask(unit.first, "resume", unit.second))[2] == [
        ("body.organisation_id", "organisation-not-active")
    ]


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x", "state": "active"}, {"reason": "x" * 401}])
async def test_a_change_of_state_has_a_reason_and_nothing_else(unit: Unit, body: dict[str, Any]) -> None:
    assert refusal(await unit.ask(unit.first, "disable", unit.second, body))[0] == 422


async def test_a_unit_keeps_its_address_and_nothing_by_which_it_would_gain(unit: Unit) -> None:
    body = {"county": "台北市", "contact": CONTACT | {"fax": None}}
    changed = good(await unit.identity.ask(unit.first, "PUT", "/unit", body))
    assert changed["contact"] == CONTACT | {"fax": None, "phone": CONTACT["phone"] | {"extension": ""}}  # type: ignore[operator]
    told = (await unit.identity.told())[-1]
    assert (told.type, told.body.phone, told.body.website) == (
        "cec.identity.organisation_changed.v1",
        "02-23212362",
        "https://society.gov.tw/about",
    )
    assert "陳理事" not in str(told.body)
    for field, value in (
        ("code", "X1"),
        ("name", "別的學會"),
        ("kind", "教學醫院"),
        ("reviews_courses", True),
        ("reviews_professions", ["A"]),
        ("active", True),
        ("organisation_id", unit.organisation_id),
    ):
        answer = await unit.identity.ask(unit.first, "PUT", "/unit", body | {field: value})
        assert refusal(answer)[2] == [(f"body.{field}", "unknown-field")]
    known = good(await unit.identity.ask(unit.second, "GET", "/unit"))
    assert (known["code"], known["name"], known["reviews_professions"]) == ("A01", "某某學會", ["2", "D"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"website": "http://169.254.169.254/"}, ("body.contact.website", "website-not-public")),
        ({"department": " "}, ("body.contact.department", "missing-value")),
        ({"phone": None}, ("body.contact.phone", "missing-value")),
        ({"head_name": "Chen"}, ("body.contact.head_name", "chinese-name")),
    ],
)
async def test_unit_data_that_is_not_acceptable_is_refused(
    unit: Unit, changes: dict[str, Any], error: tuple[str, str]
) -> None:
    body = {"county": "臺北市", "contact": CONTACT | changes}
    assert refusal(await unit.identity.ask(unit.first, "PUT", "/unit", body)) == (422, "validation-failed", [error])


async def test_a_token_of_somebody_who_has_moved_does_not_write_to_the_former_unit(unit: Unit) -> None:
    async with unit.identity.database.transaction() as tx:
        await tx.execute("UPDATE accounts SET organisation_id = NULL WHERE id = :id", id=unit.first.account_id)
    body = {"county": "臺北市", "contact": CONTACT}
    assert refusal(await unit.identity.ask(unit.first, "PUT", "/unit", body))[0] == 403
