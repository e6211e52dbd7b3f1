"""One's own data, e-mail address, account, history, and the wish for other rights."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.component.identity.applying import PHONE, mailed, token_mailed
from tests.component.identity.conftest import LIN, Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_chassis.ids import new_id

DATA = {"person_name": "王小明", "phone": PHONE, "job_title": "秘書", "version": 0}


async def somebody(identity: Identity, role: str = "offering_unit", code: str = "A01", **tie: Any) -> Actor:
    """With an account; signed in just now."""
    if role in {"offering_unit", "review_unit", "committee_member"} and not tie:
        tie = {"organisation_id": (await identity.organisation(code))["organisation_id"]}
    opened = await identity.account("somebody", role=role, **tie)
    return an_actor(
        role,
        account_id=UUID(opened["account_id"]),
        organisation_id=UUID(tie["organisation_id"]) if "organisation_id" in tie else None,
        practitioner_id=UUID(tie["practitioner_id"]) if "practitioner_id" in tie else None,
        authenticated_at=identity.clock.now(),
    )


async def with_email(identity: Identity, actor: Actor, address: str = "old@example.org") -> None:
    good(await identity.ask(actor, "PUT", "/profile", DATA))
    async with identity.database.transaction() as tx:
        await tx.execute(
            "UPDATE account_profiles SET email = :a, email_key = :a WHERE account_id = :id",
            a=address,
            id=actor.account_id,
        )


async def test_one_reads_and_edits_ones_own_data(identity: Identity) -> None:
    actor = await somebody(identity)
    empty = good(await identity.ask(actor, "GET", "/profile"))
    assert (empty["version"], empty["person_name"], empty["organisation_name"]) == (0, "", "某某學會")
    changed = good(await identity.ask(actor, "PUT", "/profile", DATA | {"backup_email": "Ｂ@Example.org"}))
    assert (changed["version"], changed["phone"], changed["backup_email"]) == (1, PHONE, "B@example.org")
    assert changed["notify_announcements"] is True
    again = await identity.ask(actor, "PUT", "/profile", DATA)
    assert refusal(again)[:2] == (409, "profile-changed-meanwhile")
    quiet = DATA | {"version": 1, "notify_announcements": False}
    assert good(await identity.ask(actor, "PUT", "/profile", quiet))["notify_announcements"] is False
    rows = await identity.rows("SELECT CAST(after AS text) AS after FROM audit_log WHERE action = 'profile.edited'")
    assert len(rows) == 2
    assert "王小明" not in rows[0].after


async def test_what_an_edit_leaves_out_stays_as_it_is_and_what_it_empties_is_empty(identity: Identity) -> None:
    person = await identity.practitioner_id(LIN)
    actor = await somebody(identity, "practitioner", practitioner_id=str(person))
    wishes = {"notify_announcements": False, "language": "en", "backup_email": "b@example.org"}
    before = good(await identity.ask(actor, "PUT", "/profile", DATA | {"person_name": "林技師"} | wishes))
    after = good(await identity.ask(actor, "PUT", "/profile", {"person_name": "林技師", "version": 1}))
    assert after == before | {"version": 2}
    nothing = {"person_name": "林技師", "version": 2, "phone": None, "job_title": "", "backup_email": ""}
    emptied = good(await identity.ask(actor, "PUT", "/profile", nothing))
    assert (emptied["phone"], emptied["job_title"], emptied["backup_email"]) == (None, "", None)
    assert (emptied["notify_announcements"], emptied["language"]) == (False, "en")


async def test_a_unit_that_has_said_its_telephone_need_not_say_it_again(identity: Identity) -> None:
    actor = await somebody(identity)
    first = await identity.ask(actor, "PUT", "/profile", {"person_name": "王小明", "version": 0})
    assert refusal(first)[2] == [("body.phone", "missing-value"), ("body.job_title", "missing-value")]
    good(await identity.ask(actor, "PUT", "/profile", DATA))
    again = good(await identity.ask(actor, "PUT", "/profile", {"person_name": "王大明", "version": 1}))
    assert (again["person_name"], again["phone"], again["job_title"]) == ("王大明", PHONE, "秘書")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "another"}, ("body.name", "unknown-field")),
        ({"national_id": "A123456789"}, ("body.national_id", "unknown-field")),
        ({"role": "system_administrator"}, ("body.role", "unknown-field")),
        ({"organisation_id": str(UUID(int=1))}, ("body.organisation_id", "unknown-field")),
        ({"state": "active"}, ("body.state", "unknown-field")),
        ({"email": "new@example.org"}, ("body.email", "unknown-field")),
        ({"email_verified": True}, ("body.email_verified", "unknown-field")),
        ({"password": "correct horse battery"}, ("body.password", "unknown-field")),
        ({"person_name": "Wang"}, ("body.person_name", "chinese-name")),
        ({"phone": None}, ("body.phone", "missing-value")),
        ({"job_title": " "}, ("body.job_title", "missing-value")),
        ({"backup_email": "x"}, ("body.backup_email", "email-format")),
        ({"language": "fr"}, ("body.language", "unknown-value")),
    ],
)
async def test_what_is_fixed_or_not_acceptable_is_refused(
    identity: Identity, changes: dict[str, Any], error: tuple[str, str]
) -> None:
    actor = await somebody(identity)
    assert refusal(await identity.ask(actor, "PUT", "/profile", DATA | changes)) == (422, "validation-failed", [error])


async def test_a_practitioners_name_is_the_registrys(identity: Identity) -> None:
    person = await identity.practitioner_id(LIN)
    actor = await somebody(identity, "practitioner", practitioner_id=str(person))
    shown = good(await identity.ask(actor, "GET", "/profile"))
    assert (shown["person_name"], shown["national_id_masked"]) == ("林技師", "R12****632")
    first = await identity.ask(actor, "PUT", "/profile", {"person_name": "別人", "version": 0})
    assert refusal(first)[2] == [("body.person_name", "fixed")]
    plain = {"person_name": " 林 技師 ", "version": 0}
    good(await identity.ask(actor, "PUT", "/profile", plain))
    answer = await identity.ask(actor, "PUT", "/profile", {"person_name": "別人", "version": 1})
    assert refusal(answer)[2] == [("body.person_name", "fixed")]
    await identity.imported(LIN.replace("林技師", "林美"))
    assert good(await identity.ask(actor, "GET", "/profile"))["person_name"] == "林美"
    renamed = good(await identity.ask(actor, "PUT", "/profile", {"person_name": "林美", "version": 1}))
    assert (renamed["person_name"], renamed["version"]) == ("林美", 2)
    assert await identity.rows("SELECT person_name FROM account_profiles") == [("林美",)]


async def test_a_member_of_the_committee_who_is_a_practitioner_gets_no_rights_that_are_not_for_one(
    identity: Identity,
) -> None:
    person = str(await identity.practitioner_id(LIN))
    unit = (await identity.organisation())["organisation_id"]
    actor = await somebody(identity, "committee_member", organisation_id=unit, practitioner_id=person)
    wish = {"role": "offering_unit", "organisation_id": unit, "justification": "開課"}
    asked = await identity.ask(actor, "POST", "/profile/rights", wish)
    assert refusal(asked) == (422, "validation-failed", [("body.practitioner_id", "not-for-this-role")])
    wish_of_before = new_id()
    async with identity.database.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO rights_requests (id, account_id, role, organisation_id, justification, status, reason, asked_at)
            VALUES (:id, :account_id, 'offering_unit', :unit, '開課', 'open', '', :now)
            """,
            id=wish_of_before,
            account_id=actor.account_id,
            unit=UUID(unit),
            now=tx.now,
        )
    path = f"/rights-requests/{wish_of_before}/decision"
    granted = await identity.ask(identity.administrator, "POST", path, {"grant": True, "reason": "核可"})
    assert refusal(granted) == (422, "validation-failed", [("body.practitioner_id", "not-for-this-role")])
    rows = await identity.rows("SELECT role, practitioner_id FROM accounts WHERE name = 'somebody'")
    assert rows == [("committee_member", UUID(person))]
    good(await identity.ask(identity.administrator, "POST", path, {"grant": False, "reason": "請另設帳號"}))


async def test_a_new_address_counts_once_its_link_was_followed_and_the_old_one_is_told(identity: Identity) -> None:
    actor = await somebody(identity)
    await with_email(identity, actor)
    asked = await identity.ask(actor, "POST", "/profile/email", {"email": "New@EXAMPLE.org"})
    assert asked.status_code == 204
    assert (await mailed(identity))[-1] == ("email_confirm", "New@example.org")
    assert good(await identity.ask(actor, "GET", "/profile"))["email"] == "old@example.org"
    token = {"token": await token_mailed(identity, "email_confirm")}
    assert (await identity.ask(None, "POST", "/profile/email/confirm", token)).status_code == 204
    profile = good(await identity.ask(actor, "GET", "/profile"))
    assert (profile["email"], profile["email_verified"]) == ("New@example.org", True)
    assert (await mailed(identity))[-1] == ("email_changed", "old@example.org")
    again = await identity.ask(None, "POST", "/profile/email/confirm", token)
    assert refusal(again)[:2] == (410, "email-link-invalid")


async def test_a_link_to_an_address_is_worth_nothing_late_replaced_or_after_disabling(identity: Identity) -> None:
    actor = await somebody(identity)
    await with_email(identity, actor)

    async def asked(email: str) -> dict[str, str]:
        fresh = an_actor("offering_unit", account_id=actor.account_id, authenticated_at=identity.clock.now())
        assert (await identity.ask(fresh, "POST", "/profile/email", {"email": email})).status_code == 204
        return {"token": await token_mailed(identity, "email_confirm")}

    async def followed(token: dict[str, str]) -> int:
        return (await identity.ask(None, "POST", "/profile/email/confirm", token)).status_code

    first, second = await asked("a@example.org"), await asked("b@example.org")
    assert await followed(first) == 410
    identity.clock.advance(timedelta(hours=24))
    assert await followed(second) == 410
    third = await asked("c@example.org")
    path = f"/accounts/{actor.account_id}/suspend"
    good(await identity.ask(identity.administrator, "POST", path, {"reason": "盜用"}))
    assert await followed(third) == 410
    assert await followed({"token": "x" * 43}) == 410


async def test_a_session_of_long_ago_is_not_enough_for_a_new_address(identity: Identity) -> None:
    actor = await somebody(identity)
    await with_email(identity, actor)
    identity.clock.advance(timedelta(minutes=11))
    answer = await identity.ask(actor, "POST", "/profile/email", {"email": "new@example.org"})
    assert refusal(answer)[:2] == (401, "fresh-sign-in-needed")


async def test_one_asks_for_five_addresses_a_day(identity: Identity) -> None:
    actor = await somebody(identity)
    await with_email(identity, actor)
    codes = [
        (await identity.ask(actor, "POST", "/profile/email", {"email": f"n{n}@example.org"})).status_code
        for n in range(6)
    ]
    assert codes == [204] * 5 + [429]


async def test_one_disables_ones_own_account_and_reads_what_happened_to_it(identity: Identity) -> None:
    actor = await somebody(identity)
    good(await identity.sign_in("somebody"))
    assert refusal(await identity.sign_in("somebody", "wrong password"))[0] == 401
    disabled = good(await identity.ask(actor, "POST", "/profile/disable", {"reason": "離職"}))
    assert (disabled["state"], disabled["state_by"]) == ("disabled", "owner")
    assert refusal(await identity.sign_in("somebody"))[:2] == (403, "account-disabled")
    path = f"/accounts/{actor.account_id}/resume"
    good(await identity.ask(identity.administrator, "POST", path, {"reason": "復職"}))
    page = good(await identity.ask(actor, "GET", "/profile/usage"))
    happened = [(line["what"], line["by"], line["reason"]) for line in page["items"]]
    assert ("account.resumed", "administrator", "復職") in happened
    assert ("account.disabled", "owner", "離職") in happened
    assert ("succeeded", "owner", "") in happened
    assert ("refused", "owner", "") in happened
    assert ("account.opened", "administrator", "") in happened
    assert page["total"] == len(page["items"])
    other = await identity.account("other-one")
    stranger = an_actor("system_administrator", account_id=UUID(other["account_id"]))
    lines = good(await identity.ask(stranger, "GET", "/profile/usage"))["items"]
    assert [line["what"] for line in lines] == ["account.opened"]


async def test_the_last_administrator_neither_leaves_nor_is_suspended(identity: Identity) -> None:
    [only] = await identity.rows("SELECT id FROM accounts")
    own = an_actor("system_administrator", account_id=only.id)
    for path in ("/profile/disable", f"/accounts/{only.id}/suspend"):
        assert refusal(await identity.ask(own, "POST", path, {"reason": "x"}))[:2] == (409, "last-administrator")


async def test_an_account_is_suspended_and_resumed_by_administrators_only(identity: Identity) -> None:
    actor = await somebody(identity)
    path = f"/accounts/{actor.account_id}"
    for act in ("suspend", "resume", "disable"):
        assert refusal(await identity.ask(actor, "POST", f"{path}/{act}", {"reason": "x"}))[0] == 403
    for _ in range(2):
        good(await identity.ask(identity.administrator, "POST", f"{path}/suspend", {"reason": "攻擊系統"}))
    assert (
        good(await identity.ask(identity.administrator, "POST", f"{path}/disable", {"reason": "x"}))["state"]
        == "suspended"
    )
    page = good(await identity.ask(identity.administrator, "GET", "/accounts?account_state=suspended"))
    assert [(line["name"], line["state_reason"]) for line in page["items"]] == [("somebody", "攻擊系統")]
    told = [told.body.state.value for told in await identity.told() if told.type.endswith("account_changed.v1")]
    assert told == ["suspended"]
    assert refusal(await identity.sign_in("somebody"))[:2] == (403, "account-suspended")


async def test_a_wish_for_rights_changes_nothing_until_it_is_granted(identity: Identity) -> None:
    actor = await somebody(identity)
    tokens = good(await identity.sign_in("somebody"))
    wish = {"role": "review_unit", "organisation_id": str(actor.organisation_id), "justification": "承辦審查"}
    asked = good(await identity.ask(actor, "POST", "/profile/rights", wish), 201)
    assert asked["status"] == "open"
    assert refusal(await identity.ask(actor, "POST", "/profile/rights", wish))[:2] == (409, "rights-request-open")
    assert good(await identity.ask(actor, "GET", "/profile"))["role"] == "offering_unit"
    path = f"/rights-requests/{asked['request_id']}/decision"
    yes = {"grant": True, "reason": "核可"}
    assert refusal(await identity.ask(actor, "POST", path, yes))[0] == 403
    answers = await asyncio.gather(*(identity.ask(identity.administrator, "POST", path, yes) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    told = (await identity.told())[-1]
    assert (told.type, told.body.role.value) == ("cec.identity.account_changed.v1", "review_unit")
    assert refusal(await identity.refresh(tokens["refresh_token"]))[0] == 401
    assert good(await identity.sign_in("somebody"))["role"] == "review_unit"
    page = good(await identity.ask(actor, "GET", "/profile/rights"))
    assert [(line["status"], line["reason"]) for line in page["items"]] == [("granted", "核可")]


async def test_a_refused_wish_changes_nothing_and_may_be_repeated(identity: Identity) -> None:
    actor = await somebody(identity)
    wish = {"role": "review_unit", "organisation_id": str(actor.organisation_id), "justification": "承辦審查"}
    asked = good(await identity.ask(actor, "POST", "/profile/rights", wish), 201)
    path = f"/rights-requests/{asked['request_id']}/decision"
    good(await identity.ask(identity.administrator, "POST", path, {"grant": False, "reason": "非承辦"}))
    assert good(await identity.ask(actor, "GET", "/profile"))["role"] == "offering_unit"
    good(await identity.ask(actor, "POST", "/profile/rights", wish), 201)
    queue = good(await identity.ask(identity.administrator, "GET", "/rights-requests?status=open"))
    assert [line["account_name"] for line in queue["items"]] == ["somebody"]


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"role": "system_administrator"}, "role-not-open"),
        ({"role": "practitioner"}, "role-not-open"),
        ({"role": "other_system"}, "role-not-open"),
        ({"role": "offering_unit"}, "unchanged"),
        ({"organisation_id": str(new_id())}, "unknown-organisation"),
        ({"account_id": str(new_id())}, "unknown-field"),
    ],
)
async def test_what_cannot_be_wished_for(identity: Identity, changes: dict[str, Any], slug: str) -> None:
    actor = await somebody(identity)
    wish = {"role": "review_unit", "organisation_id": str(actor.organisation_id), "justification": "x"}
    answer = await identity.ask(actor, "POST", "/profile/rights", wish | changes)
    assert [found for _, found in refusal(answer)[2]] == [slug]


async def test_practitioners_and_administrators_do_not_wish_for_unit_rights(identity: Identity) -> None:
    unit = (await identity.organisation())["organisation_id"]
    account = await identity.account("admin-two")
    actor = an_actor("system_administrator", account_id=UUID(account["account_id"]))
    wish = {"role": "review_unit", "organisation_id": unit, "justification": "x"}
    assert refusal(await identity.ask(actor, "POST", "/profile/rights", wish))[2] == [("body.role", "role-not-open")]
