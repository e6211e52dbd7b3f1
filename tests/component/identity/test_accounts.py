"""Accounts: opened and disabled by administrators."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from tests.component.identity.applying import mailed, token_mailed
from tests.component.identity.conftest import LIN, PASSWORD, Identity, good, refusal, settings_for
from tests.support.eventually import eventually
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_chassis.problems import ValidationFailed
from cec_identity.accounts.disable_account import disable_account
from cec_identity.accounts.open_first_administrator import open_first_administrator

CANNOT = "validation-failed"


async def open_one(identity: Identity, **body: Any) -> Any:
    sent = {"name": "unit-one", "password": PASSWORD, "role": "system_administrator"} | body
    return await identity.ask(identity.administrator, "POST", "/accounts", sent)


async def test_an_account_of_a_unit_is_told_without_anything_secret(identity: Identity) -> None:
    unit = await identity.organisation()
    account = await identity.account(role="offering_unit", organisation_id=unit["organisation_id"])
    told = (await identity.told())[-1]
    assert (told.type, told.sequence, told.subject) == ("cec.identity.account_opened.v1", 1, account["account_id"])
    assert (told.body.name, told.body.role.value, told.body.active) == ("unit-one", "offering_unit", True)
    stored = await identity.rows("SELECT password_hash FROM accounts WHERE name = 'unit-one'")
    assert stored[0].password_hash.startswith("$argon2id$")
    texts = await identity.rows(
        "SELECT CAST(data AS text) AS text FROM outbox UNION ALL SELECT CAST(after AS text) FROM audit_log"
    )
    assert not [row for row in texts if PASSWORD in row.text or "argon2" in row.text]


async def test_each_role_is_tied_to_what_it_needs(identity: Identity) -> None:
    unit = (await identity.organisation())["organisation_id"]
    person = str(await identity.practitioner_id(LIN))
    ties = [
        ("offering_unit", {"organisation_id": unit}),
        ("review_unit", {"organisation_id": unit}),
        ("committee_member", {"organisation_id": unit, "practitioner_id": person}),
        ("practitioner", {"practitioner_id": person}),
        ("system_administrator", {}),
        ("other_system", {}),
    ]
    for number, (role, tie) in enumerate(ties):
        good(await open_one(identity, name=f"account-{number}", role=role, **tie), 201)
    assert refusal(await open_one(identity, role="offering_unit")) == (
        422,
        CANNOT,
        [("body.organisation_id", "missing-value")],
    )
    assert refusal(await open_one(identity, role="practitioner", organisation_id=unit))[2] == [
        ("body.organisation_id", "not-for-this-role"),
        ("body.practitioner_id", "missing-value"),
    ]
    assert refusal(await open_one(identity, organisation_id=unit))[2] == [("body.organisation_id", "not-for-this-role")]
    again = await open_one(identity, role="practitioner", practitioner_id=person)
    assert refusal(again)[:2] == (409, "practitioner-has-account")


async def test_the_tie_must_exist_and_do_what_the_role_is_for(identity: Identity) -> None:
    offering = await identity.organisation(reviews_courses=False, reviews_professions=[])
    unknown = str(new_id())
    for role, organisation_id, slug in (
        ("review_unit", offering["organisation_id"], "not-a-review-unit"),
        ("offering_unit", unknown, "unknown-organisation"),
    ):
        response = await open_one(identity, role=role, organisation_id=organisation_id)
        assert refusal(response) == (422, CANNOT, [("body.organisation_id", slug)])
    nobody = await open_one(identity, role="practitioner", practitioner_id=unknown)
    assert refusal(nobody)[2] == [("body.practitioner_id", "unknown-practitioner")]
    assert [row.name for row in await identity.rows("SELECT name FROM accounts")] == ["Administrator-1"]


async def test_a_name_is_taken_in_any_capitals_and_width(identity: Identity) -> None:
    await identity.account("Unit-One")
    for name in ("unit-one", "UNIT-ONE", "ｕｎｉｔ－ｏｎｅ"):
        assert refusal(await open_one(identity, name=name)) == (409, "account-name-taken", [])


@pytest.mark.parametrize(
    ("changes", "path", "slug"),
    [
        ({"name": "four"}, "body.name", "wrong-length"),
        ({"name": "ｆｏｕｒ "}, "body.name", "account-name-format"),
        ({"name": "unit one"}, "body.name", "account-name-format"),
        ({"name": "unіt-one"}, "body.name", "account-name-format"),  # a Cyrillic і
        ({"name": "A123456789"}, "body.name", "account-name-is-national-id"),
        ({"name": "ａb23456789"}, "body.name", "account-name-is-national-id"),
        ({"password": "seven77"}, "body.password", "password-length"),
        ({"password": "x" * 100 + "y" * 29}, "body.password", "password-length"),
        ({"password": "Password123"}, "body.password", "password-too-common"),
        ({"password": "ＰＡＳＳＷＯＲＤ"}, "body.password", "password-too-common"),
        ({"password": "ababababab"}, "body.password", "password-too-common"),
        ({"password": "my UNIT-ONE!"}, "body.password", "password-contains-name"),
        ({"role": "minister"}, "body.role", "unknown-value"),
        ({"active": True}, "body.active", "unknown-field"),
    ],
)
async def test_bad_names_passwords_and_fields_are_refused(
    identity: Identity, changes: dict[str, Any], path: str, slug: str
) -> None:
    assert refusal(await open_one(identity, **changes)) == (422, CANNOT, [(path, slug)])


async def test_a_long_passphrase_of_one_class_is_accepted(identity: Identity) -> None:
    good(await open_one(identity, password="日出而作日入而息鑿井而飲耕田而食"), 201)


async def test_a_disabled_account_is_told_once_and_cannot_sign_in_or_refresh(identity: Identity) -> None:
    account = await identity.account()
    tokens = good(await identity.sign_in("unit-one"))
    path = f"/accounts/{account['account_id']}/disable"
    for _ in range(2):
        assert good(await identity.ask(identity.administrator, "POST", path, {"reason": "離職"}))["active"] is False
    told = [told for told in await identity.told() if told.type == "cec.identity.account_changed.v1"]
    assert [(t.sequence, t.body.active) for t in told] == [(2, False)]
    assert refusal(await identity.sign_in("unit-one"))[:2] == (403, "account-disabled")
    assert refusal(await identity.refresh(tokens["refresh_token"]))[:2] == (401, "session-ended")
    ended = await identity.rows("SELECT end_reason FROM sessions")
    assert [row.end_reason for row in ended] == ["account-disabled"]
    audit = await identity.rows("SELECT reason FROM audit_log WHERE action = 'account.disabled'")
    assert [row.reason for row in audit] == ["離職"]


async def test_the_last_administrator_stays(identity: Identity) -> None:
    only = good(await identity.ask(identity.administrator, "GET", "/accounts?role=system_administrator"))["items"][0]
    path = f"/accounts/{only['account_id']}/disable"
    refused = await identity.ask(identity.administrator, "POST", path, {"reason": "x"})
    assert refusal(refused)[:2] == (409, "last-administrator")
    assert (
        refusal(await identity.ask(identity.administrator, "POST", f"/accounts/{new_id()}/disable", {"reason": "x"}))[0]
        == 404
    )


async def test_two_administrators_who_disable_each_other_at_once_do_not_both_succeed(identity: Identity) -> None:
    second = await identity.account("administrator-2")
    accounts = good(await identity.ask(identity.administrator, "GET", "/accounts"))["items"]
    first = next(account for account in accounts if account["account_id"] != second["account_id"])
    async with identity.database.transaction() as tx:
        await disable_account(tx, UUID(first["account_id"]), "先")
        path = f"/accounts/{second['account_id']}/disable"
        other = asyncio.create_task(identity.ask(identity.administrator, "POST", path, {"reason": "後"}))
        await eventually(lambda: _somebody_waits(identity), what="the second waits for the first")
    assert refusal(await other)[:2] == (409, "last-administrator")


async def _somebody_waits(identity: Identity) -> bool:
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await identity.rows(waiting))


async def test_nobody_opens_or_raises_an_account_for_oneself(identity: Identity) -> None:
    for role in ("practitioner", "offering_unit", "review_unit", "committee_member", "other_system"):
        body = {"name": "myself-too", "password": PASSWORD, "role": "system_administrator"}
        assert refusal(await identity.ask(an_actor(role), "POST", "/accounts", body))[0] == 403


async def test_the_first_administrator_is_opened_once_however_often_and_by_how_many(identity: Identity) -> None:
    settings = settings_for(identity.runtime.settings.database_url, bootstrap_admin_name="Somebody-else")
    await asyncio.gather(*(open_first_administrator(identity.database, settings) for _ in range(3)))
    assert [row.name for row in await identity.rows("SELECT name FROM accounts")] == ["Administrator-1"]


async def test_a_bad_bootstrap_password_stops_the_start(identity: Identity) -> None:
    async with identity.database.transaction() as tx:
        await tx.execute("DELETE FROM accounts")
    settings = settings_for(identity.runtime.settings.database_url, bootstrap_admin_password="password1")
    with pytest.raises(ValidationFailed):
        await open_first_administrator(identity.database, settings)


OWNER = {"name": "unit-clerk", "role": "system_administrator", "email": "clerk@example.org", "person_name": "王小明"}


async def test_an_account_opened_without_a_password_gets_one_from_its_owner_by_a_mailed_link(
    identity: Identity,
) -> None:
    good(await identity.ask(identity.administrator, "POST", "/accounts", OWNER), 201)
    assert await mailed(identity) == [("account_opened", "clerk@example.org")]
    assert refusal(await identity.sign_in("unit-clerk"))[:2] == (401, "sign-in-failed")
    link = {"token": await token_mailed(identity, "account_opened")}
    assert good(await identity.ask(None, "POST", "/recovery/link", link))["account_name"] == "unit-clerk"
    assert (await identity.ask(None, "POST", "/recovery/password", link | {"password": PASSWORD})).status_code == 204
    good(await identity.sign_in("unit-clerk"))
    [profile] = await identity.rows("SELECT person_name, email, email_verified_at IS NOT NULL FROM account_profiles")
    assert tuple(profile) == ("王小明", "clerk@example.org", True)
    again = await identity.ask(None, "POST", "/recovery/password", link | {"password": PASSWORD})
    assert again.status_code == 410


async def test_a_practitioner_for_whom_an_account_is_opened_is_called_as_in_the_registry(identity: Identity) -> None:
    tie = {"role": "practitioner", "practitioner_id": str(await identity.practitioner_id())}
    good(await identity.ask(identity.administrator, "POST", "/accounts", OWNER | tie), 201)
    assert [row.person_name for row in await identity.rows("SELECT person_name FROM account_profiles")] == ["林技師"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"email": None}, ("body.email", "missing-value")),
        ({"email": "clerk"}, ("body.email", "email-format")),
        ({"password": PASSWORD}, ("body.password", "owner-sets-password")),
    ],
)
async def test_either_the_password_is_given_or_the_address_of_who_sets_it(
    identity: Identity, changes: dict[str, Any], error: tuple[str, str]
) -> None:
    answer = await identity.ask(identity.administrator, "POST", "/accounts", OWNER | changes)
    assert refusal(answer) == (422, CANNOT, [error])
    assert await mailed(identity) == []
