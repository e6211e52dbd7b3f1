"""One person, one account: however opening, merging, separating and disabling follow one another."""

from __future__ import annotations

import asyncio
from itertools import permutations
from uuid import UUID

import pytest
from tests.component.identity.conftest import LIN, PASSWORD, WANG, Identity, good, refusal
from tests.component.identity.strangers import (
    MEI,
    NEW_PASSWORD,
    activated,
    open_account,
    send,
    ticket,
    token_of_last_mail,
)
from tests.component.identity.test_merged_records import merged, separated
from tests.support.mail_server import MailServer

REASON = {"reason": "x"}


async def accounts(identity: Identity) -> dict[str, tuple[UUID, bool]]:
    """Record and whether it can be used, of each practitioner's account."""
    rows = await identity.rows("SELECT name, practitioner_id, active FROM accounts WHERE role = 'practitioner'")
    return {row.name: (row.practitioner_id, row.active) for row in rows}


async def opened(identity: Identity, name: str, record: UUID) -> str:
    return str((await identity.account(name, role="practitioner", practitioner_id=str(record)))["account_id"])


async def set_state(identity: Identity, account_id: str, act: str) -> tuple[int, str]:
    answer = await identity.ask(identity.administrator, "POST", f"/accounts/{account_id}/{act}", REASON)
    return answer.status_code, answer.json().get("type", "")


async def test_a_link_that_was_mailed_before_a_merge_opens_the_survivors_account(
    identity: Identity, server: MailServer
) -> None:
    lin = await identity.practitioner_id(LIN)
    good(await send(identity, await ticket(identity)), 202)
    mei = await identity.practitioner_id(MEI)
    await merged(identity, lin, mei)
    good(await open_account(identity, await token_of_last_mail(identity, server)), 201)
    assert await accounts(identity) == {"mei-ling": (lin, True)}
    assert await identity.rows("SELECT person_name FROM account_profiles") == [("林技師",)]
    assert good(await identity.sign_in("mei-ling", NEW_PASSWORD))["practitioner_id"] == str(lin)
    await separated(identity, mei)  # two people after all: whose the link was, their account is
    assert await accounts(identity) == {"mei-ling": (mei, True)}


async def test_a_link_that_was_mailed_before_a_merge_opens_no_second_account(
    identity: Identity, server: MailServer
) -> None:
    lin = await identity.practitioner_id(LIN)
    await opened(identity, "lin-account", lin)
    good(await send(identity, await ticket(identity)), 202)
    await merged(identity, lin, await identity.practitioner_id(MEI))
    refused = await open_account(identity, await token_of_last_mail(identity, server))
    assert refusal(refused)[:2] == (409, "practitioner-has-account")
    assert await accounts(identity) == {"lin-account": (lin, True)}


async def test_an_account_that_is_opened_for_a_former_record_is_the_survivors(identity: Identity) -> None:
    lin, wang, mei = [
        await identity.practitioner_id(row) for row in (LIN, WANG.replace("A123456789", "A800000014"), MEI)
    ]
    await merged(identity, wang, mei)
    await merged(identity, lin, wang)
    await opened(identity, "mei-account", mei)
    assert await accounts(identity) == {"mei-account": (lin, True)}
    body = {"name": "another", "password": PASSWORD, "role": "practitioner", "practitioner_id": str(wang)}
    again = await identity.ask(identity.administrator, "POST", "/accounts", body)
    assert refusal(again)[:2] == (409, "practitioner-has-account")
    await separated(identity, wang)
    assert await accounts(identity) == {"mei-account": (wang, True)}
    await separated(identity, mei)
    assert await accounts(identity) == {"mei-account": (mei, True)}


@pytest.mark.parametrize("order", list(permutations(["activate", "merge", "open"])), ids="-".join)
async def test_in_any_order_there_is_one_account_and_it_can_be_used(
    identity: Identity, server: MailServer, order: tuple[str, ...]
) -> None:
    lin = await identity.practitioner_id(LIN)
    good(await send(identity, await ticket(identity)), 202)
    mei = await identity.practitioner_id(MEI)
    token = await token_of_last_mail(identity, server)
    body = {"name": "lin-account", "password": PASSWORD, "role": "practitioner", "practitioner_id": str(lin)}
    for act in order:
        if act == "merge":
            await merged(identity, lin, mei)
        elif act == "activate":
            assert (await open_account(identity, token)).status_code in {201, 409}
        else:
            assert (await identity.ask(identity.administrator, "POST", "/accounts", body)).status_code in {201, 409}
    assert [tie for tie in (await accounts(identity)).values() if tie[1]] == [(lin, True)]
    await separated(identity, mei)
    ties = [record for record, _ in (await accounts(identity)).values()]
    assert len(set(ties)) == len(ties)
    await merged(identity, mei, lin)
    assert [record for record, active in (await accounts(identity)).values() if active] == [mei]


async def test_opening_and_merging_at_once_leave_one_account(identity: Identity) -> None:
    lin, mei = await identity.practitioner_id(LIN), await identity.practitioner_id(MEI)
    await opened(identity, "lin-account", lin)
    body = {"name": "mei-account", "password": PASSWORD, "role": "practitioner", "practitioner_id": str(mei)}
    merge = {"former_id": str(mei), "reason": "同一人"}
    answers = await asyncio.gather(
        identity.ask(identity.administrator, "POST", "/accounts", body),
        identity.ask(identity.administrator, "POST", f"/practitioners/{lin}/merge", merge),
    )
    assert answers[0].status_code in {201, 409}
    assert answers[1].status_code == 200
    assert [tie for tie in (await accounts(identity)).values() if tie[1]] == [(lin, True)]


async def test_the_account_that_can_be_used_stays_and_each_comes_back_after_a_separation(identity: Identity) -> None:
    lin, mei = await identity.practitioner_id(LIN), await identity.practitioner_id(MEI)
    idle = await opened(identity, "lin-account", lin)
    await opened(identity, "mei-account", mei)
    assert (await set_state(identity, idle, "disable"))[0] == 200
    await merged(identity, lin, mei)
    assert await accounts(identity) == {"lin-account": (mei, False), "mei-account": (lin, True)}
    assert good(await identity.sign_in("mei-account"))["practitioner_id"] == str(lin)
    told = [each for each in await identity.told() if each.type == "cec.identity.account_changed.v1"]
    assert {(each.body.name, each.body.practitioner_id) for each in told[-2:]} == {
        ("lin-account", mei),
        ("mei-account", lin),
    }
    await separated(identity, mei)
    assert await accounts(identity) == {"lin-account": (lin, False), "mei-account": (mei, True)}
    assert (await set_state(identity, idle, "resume"))[0] == 200


@pytest.mark.parametrize("first", ["the nearer", "the farther"])
async def test_accounts_that_changed_places_in_a_chain_find_back(identity: Identity, first: str) -> None:
    rows = (MEI, WANG.replace("A123456789", "A800000014"), LIN)
    mei, wang, lin = [await identity.practitioner_id(row) for row in rows]
    own = {"mei-account": (mei, True), "wang-account": (wang, False), "lin-account": (lin, False)}
    for name, (record, active) in own.items():
        account = await opened(identity, name, record)
        if not active:
            await set_state(identity, account, "disable")
    await merged(identity, wang, mei)
    await merged(identity, lin, wang)
    assert (await accounts(identity))["mei-account"] == (lin, True)
    for former in (mei, wang) if first == "the farther" else (wang, mei):
        await separated(identity, former)
    assert await accounts(identity) == own


async def test_a_closed_account_of_a_former_record_is_not_resumed_beside_the_survivors(identity: Identity) -> None:
    lin, mei = await identity.practitioner_id(LIN), await identity.practitioner_id(MEI)
    await opened(identity, "lin-account", lin)
    closed = await opened(identity, "mei-account", mei)
    await merged(identity, lin, mei)
    assert await set_state(identity, closed, "resume") == (409, "/problems/practitioner-has-account")
    await separated(identity, mei)
    assert (await set_state(identity, closed, "resume"))[0] == 200


async def test_a_second_account_from_before_does_not_keep_a_merge_from_being_taken_back(
    identity: Identity, server: MailServer
) -> None:
    """Former records could get one once."""
    lin = await identity.practitioner_id(LIN)
    await activated(identity, server)
    mei = await identity.practitioner_id(MEI)
    await merged(identity, lin, mei)
    stray = await opened(
        identity, "stray-one", await identity.practitioner_id(WANG.replace("A123456789", "A800000014"))
    )
    async with identity.database.transaction() as tx:
        await tx.execute("UPDATE accounts SET practitioner_id = :mei WHERE id = :id", mei=mei, id=UUID(stray))
    await separated(identity, mei)
    assert await accounts(identity) == {"mei-ling": (lin, True), "stray-one": (mei, True)}
