"""Who looked at a practitioner's record is written down, and the person can read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.component.identity.applying import NATIONAL_ID, applied, decide
from tests.component.identity.conftest import LIN, WANG, Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_chassis.ids import new_id
from cec_identity.practitioners.looks import Unstated

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


async def test_a_look_says_what_for_in_header_or_address_and_otherwise_that_nobody_said(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    unit, administrator, said = an_actor("offering_unit"), identity.administrator, {"X-Purpose": "support"}
    number = {"national_id": "R121351632"}
    good(await identity.ask(unit, "GET", "/practitioners?number=P0001&purpose=attendance"))
    good(await identity.ask(administrator, "GET", f"/practitioners/{lin}?purpose=audit", headers=said))
    good(await identity.ask(administrator, "POST", f"{BY_NATIONAL_ID}?purpose=renewal", number))
    good(await identity.ask(unit, "GET", "/practitioners?number=P0001"))
    good(await identity.ask(administrator, "GET", f"/practitioners/{lin}", headers={"X-Purpose": " "}))
    good(await identity.ask(administrator, "GET", f"/practitioners/{lin}/history"))
    good(await identity.ask(administrator, "POST", BY_NATIONAL_ID, number))
    looks = good(await identity.ask(an_actor("practitioner", practitioner_id=lin), "GET", "/looks"))["items"]
    assert [look["purpose"] for look in reversed(looks)] == [
        "attendance", "support", "renewal", Unstated.ATTENDANCE, *[Unstated.ADMINISTRATION] * 3
    ]  # fmt: skip


async def test_a_look_that_finds_nobody_leaves_no_trace(identity: Identity) -> None:
    await identity.ask(an_actor("offering_unit"), "GET", "/practitioners?number=P9999")
    await identity.ask(identity.administrator, "POST", BY_NATIONAL_ID, {"national_id": "A123456789"})
    assert await identity.rows("SELECT action FROM audit_log WHERE look") == []


async def looks_of(identity: Identity, actor: Actor) -> list[tuple[str, str]]:
    """Action and role of the looks at somebody, the newest first."""
    items: list[dict[str, Any]] = good(await identity.ask(actor, "GET", "/looks"))["items"]
    return [(look["action"], look["role"]) for look in items]


async def applicant(identity: Identity) -> Actor:
    """Somebody of a unit, whose application for an account was approved."""
    application = await applied(identity)
    good(await identity.ask(identity.administrator, "GET", f"/applications/{application}"))
    account = UUID(good(await decide(identity, application, "approve"))["account_id"])
    [row] = await identity.rows("SELECT organisation_id FROM accounts WHERE id = :id", id=account)
    return an_actor("offering_unit", account_id=account, organisation_id=row.organisation_id)


async def test_whoever_has_an_account_reads_who_looked_at_it_and_at_their_application(identity: Identity) -> None:
    me = await applicant(identity)
    administrator = identity.administrator
    good(await identity.ask(administrator, "GET", f"/accounts/{me.account_id}/sessions"))
    assert await looks_of(identity, me) == [
        ("sessions.read", "system_administrator"),
        ("application.read", "system_administrator"),
    ]
    other = await identity.account("other-one")
    assert await looks_of(identity, an_actor("system_administrator", account_id=UUID(other["account_id"]))) == []


async def test_a_practitioner_reads_of_record_and_account_together(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    account = await identity.account("lin-account", role="practitioner", practitioner_id=str(lin))
    me = an_actor("practitioner", account_id=UUID(account["account_id"]), practitioner_id=lin)
    good(await identity.ask(identity.administrator, "GET", f"/accounts/{me.account_id}/sessions"))
    good(await identity.ask(identity.administrator, "GET", f"/practitioners/{lin}"))
    assert [action for action, _ in await looks_of(identity, me)] == ["practitioner.read", "sessions.read"]


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/accounts", "account.listed"),
        ("/applications", "application.listed"),
        ("/rights-requests", "rights_request.listed"),
        ("/unit/users", "unit_user.listed"),
    ],
)
async def test_whoever_stands_on_a_list_of_people_reads_that_it_was_looked_at(
    identity: Identity, path: str, action: str
) -> None:
    me = await applicant(identity)
    reviewing = await identity.organisation("R01", name="審查學會")
    wish = {"role": "review_unit", "organisation_id": reviewing["organisation_id"], "justification": "承辦審查"}
    good(await identity.ask(me, "POST", "/profile/rights", wish), 201)
    colleague = await identity.account("colleague", role="offering_unit", organisation_id=str(me.organisation_id))
    unit = an_actor("offering_unit", account_id=UUID(colleague["account_id"]), organisation_id=me.organisation_id)
    who = unit if path == "/unit/users" else identity.administrator
    page = good(await identity.ask(who, "GET", path))
    assert (await looks_of(identity, me))[0] == (action, who.role)
    assert await identity.rows("SELECT action FROM audit_log WHERE look AND reason = ''") == []
    shown = await identity.rows("SELECT subject_id FROM audit_log WHERE look AND action = :action", action=action)
    ids = {str(line.get("application_id" if path == "/applications" else "account_id")) for line in page["items"]}
    assert {row.subject_id for row in shown} == ids - {str(who.account_id)}
    assert len(shown) == len(ids - {str(who.account_id)})


async def test_ones_own_look_at_a_list_is_nobodys_business(identity: Identity) -> None:
    me = await applicant(identity)
    good(await identity.ask(me, "GET", "/unit/users"))
    assert "unit_user.listed" not in await identity.audited()


async def test_the_whole_number_is_told_after_a_fresh_sign_in_for_a_purpose_that_the_applicant_can_read(
    identity: Identity,
) -> None:
    application_id = await applied(identity)
    path, body = f"/applications/{application_id}/national-id/reveal", {"purpose": "核對申請人身分"}
    administrator = replace(identity.administrator, authenticated_at=identity.clock.now())
    answer = await identity.ask(administrator, "POST", path, body)
    assert good(answer) == {"application_id": application_id, "national_id": NATIONAL_ID}
    assert answer.headers["Cache-Control"] == "no-store"
    long_ago = replace(administrator, authenticated_at=identity.clock.now() - timedelta(hours=1))
    assert refusal(await identity.ask(long_ago, "POST", path, body))[:2] == (401, "fresh-sign-in-needed")
    assert refusal(await identity.ask(administrator, "POST", path, {"purpose": " "}))[0] == 422
    nobody = f"/applications/{UUID(int=1)}/national-id/reveal"
    assert refusal(await identity.ask(administrator, "POST", nobody, body))[0] == 404
    account = UUID(good(await decide(identity, application_id, "approve"))["account_id"])
    me = an_actor("offering_unit", account_id=account, organisation_id=new_id())
    [look] = good(await identity.ask(me, "GET", "/looks"))["items"]
    assert (look["action"], look["purpose"]) == ("application.national_id_revealed", "核對申請人身分")
