"""The way back into an account: asked for by name or address, answered by mail, good once."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from tests.component.identity.conftest import PASSWORD, Identity, good, refusal
from tests.component.identity.strangers import (
    NEW_PASSWORD,
    activated,
    ask_for_recovery,
    delivered,
    proof,
    recover,
    recovery_token,
    requests_answered,
    statements,
    token_of_last_mail,
)
from tests.support.as_long import take_equally_long
from tests.support.mail_server import MailServer

from cec_chassis.service import Runtime
from cec_identity.activation.forget_old_activations import forget_old_activations
from cec_identity.recovery.mail_links import answer_recovery_requests
from cec_identity.service import SERVICE

INVALID: tuple[int, str, list[tuple[str, str]]] = (410, "link-invalid", [])
NEWER = "yet another battery staple"


@pytest.mark.parametrize("who", ["mei-ling", "Ｍei-Ling ", "mei@example.org", "MEI@Example.org"])
async def test_name_and_link_come_by_mail_whatever_is_remembered(
    identity: Identity, server: MailServer, who: str
) -> None:
    await activated(identity, server)
    token = await recovery_token(identity, server, who)
    assert "mei-ling" in (await delivered(identity, server))[-1]
    assert good(await identity.ask(None, "POST", "/recovery/link", {"token": token})) == {"account_name": "mei-ling"}
    assert (await recover(identity, token, NEWER)).status_code == 204
    good(await identity.sign_in("mei-ling", NEWER))
    assert refusal(await identity.sign_in("mei-ling", NEW_PASSWORD))[1] == "sign-in-failed"


async def test_a_new_password_ends_every_session_and_is_told_by_mail(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    sessions = [good(await identity.sign_in("mei-ling", NEW_PASSWORD)) for _ in range(2)]
    token = await recovery_token(identity, server)
    assert (await recover(identity, token, NEWER)).status_code == 204
    for tokens in sessions:
        assert refusal(await identity.refresh(tokens["refresh_token"]))[1] == "session-ended"
    told = (await delivered(identity, server))[-1]
    assert "密碼已於 2026-03-02 12:00 變更" in told
    assert token not in told
    assert {"recovery.mailed", "password.recovered", "sessions.ended"} <= set(await identity.audited())


async def test_a_link_is_good_once_for_an_hour_and_the_others_go_with_it(
    identity: Identity, server: MailServer
) -> None:
    await activated(identity, server)
    first = await recovery_token(identity, server)
    second = await recovery_token(identity, server, "mei@example.org")
    assert (await recover(identity, first, NEWER)).status_code == 204
    for token in (first, second):
        assert refusal(await recover(identity, token, NEW_PASSWORD)) == INVALID
        assert refusal(await identity.ask(None, "POST", "/recovery/link", {"token": token})) == INVALID
    late = await recovery_token(identity, server)
    identity.clock.advance(timedelta(hours=1))
    assert refusal(await recover(identity, late, NEW_PASSWORD)) == INVALID


async def test_of_two_who_use_one_link_at_once_one_sets_the_password(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    token = await recovery_token(identity, server)
    answers = await asyncio.gather(*(recover(identity, token, f"{NEWER} {n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 410, 410, 410]


async def test_a_bad_password_leaves_the_link_good(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    token = await recovery_token(identity, server)
    assert refusal(await recover(identity, token, "mei-ling123"))[2] == [("body.password", "password-contains-name")]
    assert (await recover(identity, token, NEWER)).status_code == 204


async def test_a_link_to_an_address_that_is_not_the_account_s_any_more_is_worth_nothing(
    identity: Identity, server: MailServer
) -> None:
    await activated(identity, server)
    token = await recovery_token(identity, server)
    async with identity.database.transaction() as tx:
        await tx.execute("UPDATE account_profiles SET email = 'new@example.org', email_key = 'new@example.org'")
    assert refusal(await recover(identity, token, NEWER)) == INVALID


async def test_a_disabled_account_gets_no_link_and_its_old_one_is_worth_nothing(
    identity: Identity, server: MailServer
) -> None:
    await activated(identity, server)
    token = await recovery_token(identity, server)
    account = (await identity.rows("SELECT id FROM accounts WHERE role = 'practitioner'"))[0].id
    good(await identity.ask(identity.administrator, "POST", f"/accounts/{account}/disable", {"reason": "離職"}))
    assert refusal(await recover(identity, token, NEWER)) == INVALID
    before = len(await delivered(identity, server))
    good(await ask_for_recovery(identity, "mei-ling"), 202)
    assert await requests_answered(identity) == 1
    assert len(await delivered(identity, server)) == before


async def test_whether_there_is_such_an_account_is_not_told_by_words_or_time(
    identity: Identity, server: MailServer
) -> None:
    await activated(identity, server)
    asked: dict[str, set[tuple[str, ...]]] = {"mei-ling": set(), "nobody-here": set()}
    bodies = set()

    async def seconds(who: str) -> float:
        solved = await proof(identity, "recovery")
        begun = time.perf_counter()
        with statements(identity) as sql:
            response = await ask_for_recovery(identity, who, proof_of_work=solved)
        took = time.perf_counter() - begun
        asked[who].add(tuple(sql))
        bodies.add((response.status_code, response.content))
        return took

    await take_equally_long(
        lambda: seconds("mei-ling"),
        lambda: seconds("nobody-here"),
        times=5,
        between=lambda: identity.clock.advance(timedelta(hours=2)),
        slack=0.01,
    )
    assert len(bodies) == 1
    assert asked["mei-ling"] == asked["nobody-here"]
    for who in asked:  # nor by asking more often
        for _ in range(3):
            response = await ask_for_recovery(identity, who)
            bodies.add((response.status_code, response.content))
    assert len(bodies) == 1


async def test_an_account_gets_three_links_an_hour_whoever_asks(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    before = len(await delivered(identity, server))
    for who in ("mei-ling", "mei@example.org") * 3:
        good(await ask_for_recovery(identity, who), 202)
    assert await requests_answered(identity) == 6
    assert len(await delivered(identity, server)) == before + 3


async def test_strangers_who_ask_do_not_keep_the_owner_from_a_link(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    before = len(await delivered(identity, server))
    for _ in range(8):
        good(await ask_for_recovery(identity, "mei-ling"), 202)
    assert await requests_answered(identity) == 8
    assert len(await delivered(identity, server)) == before + 3
    # the owner has a link that is good, and uses it; the next one comes although it is the fourth within the hour
    assert (await recover(identity, await token_of_last_mail(identity, server), NEWER)).status_code == 204
    token = await recovery_token(identity, server)
    assert (await recover(identity, token, NEW_PASSWORD)).status_code == 204


async def test_a_link_that_is_about_to_expire_keeps_nobody_from_the_next(
    identity: Identity, server: MailServer
) -> None:
    await activated(identity, server)
    for _ in range(3):
        await recovery_token(identity, server)
    identity.clock.advance(timedelta(minutes=49))
    mails = len(await delivered(identity, server))
    good(await ask_for_recovery(identity, "mei-ling"), 202)
    assert await requests_answered(identity) == 1
    assert len(await delivered(identity, server)) == mails
    identity.clock.advance(timedelta(minutes=1))
    assert (await recover(identity, await recovery_token(identity, server), NEWER)).status_code == 204


async def test_one_network_asks_thirty_times_an_hour(identity: Identity) -> None:
    statuses = [(await ask_for_recovery(identity, f"nobody-{number}")).status_code for number in range(32)]
    assert statuses == [202] * 30 + [429] * 2


async def test_asking_costs_a_proof_of_work_and_what_was_typed_is_not_kept(identity: Identity) -> None:
    body = {"who": "mei-ling", "proof_of_work": ""}
    unproven = await identity.ask(None, "POST", "/recovery", body)
    assert refusal(unproven)[:2] == (403, "proof-of-work-required")
    for said in (
        "取得驗證題目（POST /proof-of-work）",
        "fetch a challenge (POST /proof-of-work), solve it and send it along",
    ):
        assert said in unproven.json()["detail"]
    spent = await proof(identity, "recovery")
    good(await ask_for_recovery(identity, "my password is hunter2", proof_of_work=spent), 202)
    assert refusal(await ask_for_recovery(identity, "x", proof_of_work=spent))[:2] == (403, "proof-of-work-spent")
    (kept,) = await identity.rows("SELECT who_sealed FROM recovery_requests")
    assert b"hunter2" not in kept.who_sealed
    assert await requests_answered(identity) == 1
    assert await identity.rows("SELECT id FROM recovery_requests") == []
    response = await identity.ask(None, "POST", "/recovery", body | {"account_id": "x"})
    assert response.status_code == 422


async def test_an_account_without_an_address_cannot_be_recovered_by_mail(identity: Identity) -> None:
    good(await ask_for_recovery(identity, "Administrator-1"), 202)
    assert await requests_answered(identity) == 1
    assert await identity.rows("SELECT id FROM mails") == []
    good(await identity.sign_in(password=PASSWORD))


async def test_the_worker_s_loop_answers_until_it_is_stopped(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    good(await ask_for_recovery(identity, "mei-ling"), 202)
    runtime = Runtime(SERVICE, identity.runtime.settings, identity.clock)
    stop = asyncio.Event()
    loop = asyncio.create_task(answer_recovery_requests(runtime, stop))
    async with asyncio.timeout(30):
        while await identity.rows("SELECT id FROM recovery_requests"):
            await asyncio.sleep(0.05)
    stop.set()
    await loop
    await runtime.close()
    assert len(await identity.rows("SELECT id FROM mails WHERE template = 'recovery'")) == 1


async def test_links_are_forgotten_in_the_end(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    await recovery_token(identity, server)
    identity.clock.advance(timedelta(days=31, hours=1))
    stop = asyncio.Event()
    loop = asyncio.create_task(forget_old_activations(identity.runtime, stop))
    async with asyncio.timeout(30):
        while await identity.rows("SELECT digest FROM recovery_links"):
            await asyncio.sleep(0.05)
    stop.set()
    await loop
