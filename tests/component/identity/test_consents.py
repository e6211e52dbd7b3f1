"""Consents: read with their texts, given anew when the text changes, withdrawn with all that follows, and come back from."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import IntegrityError
from tests.component.identity.applying import applied, decide, token_mailed
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity.strangers import (
    CONSENT,
    NEW_PASSWORD,
    activated,
    check,
    delivered,
    open_account,
    recover,
    recovery_token,
    send,
    ticket,
    token_of_last_mail,
)
from tests.support.mail_server import MailServer
from tests.support.tokens import an_actor

from cec_contracts.identity import ACCOUNT_CHANGED
from cec_contracts.vocabulary import AccountState
from cec_identity.consents import texts
from cec_identity.consents.texts import ConsentKind, ConsentText, all_texts, text_of
from cec_identity.mail.domain import Mail
from cec_identity.mail.queue_many import queue_many

NEWER = "2026-03-01"
SURE = {"kind": "activation", "consequences_read": True}


@pytest.fixture
def newer_terms(monkeypatch: pytest.MonkeyPatch) -> ConsentText:
    """Since yesterday practitioners have been asked to agree to a newer text."""
    newer = replace(text_of(ConsentKind.ACTIVATION, CONSENT), version=NEWER, title="新版同意書", digest=b"n" * 32)
    known = (*all_texts(), newer)
    monkeypatch.setattr(texts, "all_texts", lambda: known)
    return newer


@pytest.fixture
async def mei(identity: Identity, server: MailServer) -> dict[str, Any]:
    """Mei, who has agreed and signed in."""
    await activated(identity, server)
    return good(await identity.sign_in("mei-ling", NEW_PASSWORD))


async def ask(identity: Identity, tokens: dict[str, Any], method: str, path: str, body: Any = None) -> httpx.Response:
    return await identity.ask(None, method, path, body, {"Authorization": f"Bearer {tokens['access_token']}"})


async def mine(identity: Identity, tokens: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await ask(identity, tokens, "GET", "/consents/mine")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def due(identity: Identity, tokens: dict[str, Any]) -> str | None:
    """What the portal learns after a sign-in."""
    found: str | None = good(await ask(identity, tokens, "GET", "/sessions/current"))["consent_due"]
    return found


async def test_one_reads_what_one_agreed_to_in_the_words_of_then(
    identity: Identity, mei: dict[str, Any], newer_terms: ConsentText
) -> None:
    (given,) = await mine(identity, mei)
    assert (given["kind"], given["version"], given["withdrawn_at"]) == ("activation", CONSENT, None)
    assert given["title"] == "醫事人員帳號開通同意書"
    assert "三、資料處理" in {section["heading"] for section in given["sections"]}
    assert (given["outdated"], given["current_version"]) == (True, newer_terms.version)


async def test_a_newer_text_is_asked_for_at_the_next_sign_in_until_one_agrees(
    identity: Identity, mei: dict[str, Any], newer_terms: ConsentText
) -> None:
    assert await due(identity, mei) == "activation"
    old = await ask(identity, mei, "POST", "/consents/mine", {"kind": "activation", "version": CONSENT})
    assert refusal(old)[:2] == (409, "consent-outdated")
    for _ in range(2):  # twice is no fault, and one consent
        answer = await ask(identity, mei, "POST", "/consents/mine", {"kind": "activation", "version": NEWER})
        assert [(each["version"], each["outdated"]) for each in answer.json()] == [(CONSENT, False), (NEWER, False)]
    assert await due(identity, mei) is None
    assert (await identity.audited()).count("consent.given") == 1


async def test_nobody_is_asked_before_the_day_of_the_text(identity: Identity, mei: dict[str, Any]) -> None:
    assert await due(identity, mei) is None
    assert [each["outdated"] for each in await mine(identity, mei)] == [False]


async def test_one_agrees_to_the_terms_of_ones_own_role_only(identity: Identity, mei: dict[str, Any]) -> None:
    other = await ask(identity, mei, "POST", "/consents/mine", {"kind": "application", "version": CONSENT})
    assert refusal(other)[:2] == (409, "consent-not-asked")
    administrator = good(await identity.sign_in())
    assert await due(identity, administrator) is None
    for kind in ("application", "activation"):
        answer = await ask(identity, administrator, "POST", "/consents/mine", {"kind": kind, "version": CONSENT})
        assert refusal(answer)[:2] == (409, "consent-not-asked")
    assert (await ask(identity, administrator, "POST", "/consents/mine/withdrawal", SURE)).status_code == 403


async def test_whoever_got_the_account_from_an_administrator_is_asked_too(identity: Identity) -> None:
    unit = await identity.organisation()
    await identity.account(role="offering_unit", organisation_id=unit["organisation_id"])
    tokens = good(await identity.sign_in("unit-one"))
    assert (await due(identity, tokens), await mine(identity, tokens)) == ("application", [])
    good_answer = await ask(identity, tokens, "POST", "/consents/mine", {"kind": "application", "version": CONSENT})
    assert [each["kind"] for each in good_answer.json()] == ["application"]
    assert await due(identity, tokens) is None


async def test_the_consequences_are_told_before_anything_is_done(identity: Identity, mei: dict[str, Any]) -> None:
    notice = good(await ask(identity, mei, "GET", "/consents/mine/withdrawal?kind=activation"))
    assert len(notice["consequences"]) == 4
    answer = await ask(identity, mei, "POST", "/consents/mine/withdrawal", {"kind": "activation"})
    assert refusal(answer)[:2] == (409, "consequences-unread")
    for each in notice["consequences"]:
        assert each["text"] in answer.json()["detail"]
        assert each["text_en"] in answer.json()["detail"]
    assert await mine(identity, mei)
    assert "consent.withdrawn" not in await identity.audited()


async def test_a_session_that_was_left_open_is_not_enough(identity: Identity, mei: dict[str, Any]) -> None:
    identity.clock.advance(timedelta(minutes=11))
    later = good(await identity.refresh(mei["refresh_token"]))
    answer = await ask(identity, later, "POST", "/consents/mine/withdrawal", SURE)
    assert refusal(answer)[:2] == (401, "fresh-sign-in-needed")


async def test_a_withdrawal_closes_the_account_and_removes_nothing(
    identity: Identity, mei: dict[str, Any], server: MailServer
) -> None:
    link = await recovery_token(identity, server)
    async with identity.database.transaction() as tx:
        await queue_many(tx, [_a_notice(mei["account_id"])])
    identity.clock.advance(timedelta(minutes=5))
    done = good(await ask(identity, mei, "POST", "/consents/mine/withdrawal", SURE))
    assert (done["kind"], done["versions"], len(done["consequences"])) == ("activation", [CONSENT], 4)

    (row,) = await identity.rows("SELECT version, given_at, withdrawn_at FROM consents")
    assert (row.version, row.withdrawn_at) == (CONSENT, identity.clock.now())
    (account,) = await identity.rows("SELECT state, state_by FROM accounts WHERE name = 'mei-ling'")
    assert (account.state, account.state_by) == ("disabled", "owner")
    changed = [event.body for event in await identity.told() if event.type == ACCOUNT_CHANGED.name]
    assert changed[-1].state is AccountState.DISABLED
    assert {"consent.withdrawn", "account.disabled"} <= set(await identity.audited())
    assert await identity.rows("SELECT id FROM practitioners"), "who somebody is stays"

    assert refusal(await identity.refresh(mei["refresh_token"]))[1] == "session-ended"
    assert refusal(await identity.sign_in("mei-ling", NEW_PASSWORD))[1] == "account-disabled"
    assert refusal(await recover(identity, link, "another battery staple"))[:2] == (410, "link-invalid")
    mails = await identity.rows("SELECT template, state FROM mails WHERE queued_at = :now", now=identity.clock.now())
    assert [row.template for row in mails] == ["consent_withdrawn"]
    (notice,) = await identity.rows("SELECT state, reason FROM mails WHERE bulk")
    assert (notice.state, notice.reason) == ("failed", "consent withdrawn")
    assert "撤回帳號 mei-ling 之同意" in (await delivered(identity, server))[-1]


async def test_two_windows_withdraw_once(identity: Identity, mei: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(ask(identity, mei, "POST", "/consents/mine/withdrawal", SURE) for _ in range(3)))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert (await identity.audited()).count("consent.withdrawn") == 1


async def test_nothing_to_withdraw(identity: Identity, mei: dict[str, Any]) -> None:
    answer = await ask(identity, mei, "POST", "/consents/mine/withdrawal", SURE | {"kind": "application"})
    assert refusal(answer)[:2] == (409, "no-consent")
    (account,) = await identity.rows("SELECT state FROM accounts WHERE name = 'mei-ling'")
    assert account.state == "active"


async def test_a_practitioner_comes_back_by_activating_anew(
    identity: Identity, mei: dict[str, Any], server: MailServer
) -> None:
    await ask(identity, mei, "PUT", "/profile", {"person_name": "陳美玲", "version": 1, "notify_announcements": False})
    good(await ask(identity, mei, "POST", "/consents/mine/withdrawal", SURE))
    permit = await ticket(identity)
    # under the name of before, or under another
    free = good(await identity.ask(None, "POST", "/activation/names", {"ticket": permit, "name": "mei-ling"}))
    assert free["free"] is True
    changes = {"name": "mei-again", "email": "new@example.org", "email_again": "new@example.org"}
    good(await send(identity, permit, **changes), 202)
    good(await open_account(identity, await token_of_last_mail(identity, server), "one more staple for the road"), 201)
    assert refusal(await identity.sign_in("mei-ling", NEW_PASSWORD))[1] == "sign-in-failed"
    tokens = good(await identity.sign_in("mei-again", "one more staple for the road"))
    assert tokens["account_id"] == mei["account_id"], "it is the same account; one person has one"
    assert [each["withdrawn_at"] is None for each in await mine(identity, tokens)] == [False, True]
    assert await due(identity, tokens) is None
    profile = good(await ask(identity, tokens, "GET", "/profile"))
    assert (profile["email"], profile["email_verified"], profile["notify_announcements"]) == (
        "new@example.org",
        True,
        False,
    )
    assert "account.reopened" in await identity.audited()
    assert good(await check(identity))["status"] == "activated"


async def test_second_factors_outlast_a_withdrawal(identity: Identity, mei: dict[str, Any], server: MailServer) -> None:
    """Whoever knows ID, certificate and institution of somebody must not get past what that person has set up."""
    async with identity.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO one_time_code_secrets (account_id, secret_sealed, enrolled_at, confirmed_at, last_step) "
            "VALUES (:id, 'sealed', :now, :now, 0)",
            id=mei["account_id"],
            now=tx.now,
        )
    good(await ask(identity, mei, "POST", "/consents/mine/withdrawal", SURE))
    good(await send(identity, await ticket(identity)), 202)
    good(await open_account(identity, await token_of_last_mail(identity, server)), 201)
    assert good(await identity.sign_in("mei-ling", NEW_PASSWORD), 202)["means"] == ["one_time_code", "recovery_code"]


async def test_whom_an_administrator_suspended_does_not_come_back_by_withdrawing(
    identity: Identity, mei: dict[str, Any]
) -> None:
    good(await ask(identity, mei, "POST", "/consents/mine/withdrawal", SURE))
    path = f"/accounts/{mei['account_id']}/suspend"
    good(await identity.ask(identity.administrator, "POST", path, {"reason": "冒用"}))
    assert good(await check(identity))["status"] == "activated"


async def test_nobody_takes_the_name_of_who_withdrew(identity: Identity, mei: dict[str, Any]) -> None:
    good(await ask(identity, mei, "POST", "/consents/mine/withdrawal", SURE))
    taken = await identity.ask(
        identity.administrator,
        "POST",
        "/accounts",
        {"name": "Mei-Ling", "password": NEW_PASSWORD, "role": "system_administrator"},
    )
    assert refusal(taken)[:2] == (409, "account-name-taken")


async def test_colleagues_do_not_undo_a_withdrawal_and_administrators_do_when_asked(identity: Identity) -> None:
    unit = await identity.organisation()
    colleague = await identity.account("colleague", role="offering_unit", organisation_id=unit["organisation_id"])
    application = await applied(identity, proposal=None, organisation_id=unit["organisation_id"])
    good(await decide(identity, application, "approve"))
    token = await token_mailed(identity, "application_approved")
    assert (await recover(identity, token, NEW_PASSWORD)).status_code == 204
    tokens = good(await identity.sign_in("Society-One", NEW_PASSWORD))
    sure = {"kind": "application", "consequences_read": True}
    good(await ask(identity, tokens, "POST", "/consents/mine/withdrawal", sure))

    actor = an_actor(
        "offering_unit",
        account_id=colleague["account_id"],
        organisation_id=unit["organisation_id"],
    )
    users = good(await identity.ask(actor, "GET", "/unit/users"))["items"]
    assert {user["name"]: user["may_resume"] for user in users} == {"colleague": False, "Society-One": False}
    resume = f"/unit/users/{tokens['account_id']}/resume"
    assert refusal(await identity.ask(actor, "POST", resume, {"reason": "回任"}))[:2] == (409, "consent-withdrawn")
    path = f"/accounts/{tokens['account_id']}/resume"
    good(await identity.ask(identity.administrator, "POST", path, {"reason": "本人書面申請"}))
    back = good(await identity.sign_in("Society-One", NEW_PASSWORD))
    assert await due(identity, back) == "application"
    assert (await ask(identity, back, "POST", "/consents/mine", {"kind": "application", "version": CONSENT})).is_success
    assert await due(identity, back) is None


async def test_the_database_keeps_what_was_agreed_to(identity: Identity, mei: dict[str, Any]) -> None:
    """Not by good behaviour alone: a consent is withdrawn once, and otherwise stays as it is."""
    wrong = (
        "DELETE FROM consents",
        "UPDATE consents SET version = '2020-01-01'",
        "UPDATE consents SET given_at = now()",
    )
    for statement in wrong:
        with pytest.raises(IntegrityError, match="append-only"):
            await _execute(identity, statement)
    good(await ask(identity, mei, "POST", "/consents/mine/withdrawal", SURE))
    for statement in (*wrong, "UPDATE consents SET withdrawn_at = NULL"):
        with pytest.raises(IntegrityError, match="append-only"):
            await _execute(identity, statement)


async def _execute(identity: Identity, statement: str) -> None:
    async with identity.database.transaction() as tx:
        await tx.execute(statement)


def _a_notice(account_id: str) -> Mail:
    values = ("person_name", "category", "unit", "subject", "excerpt", "link", "unsubscribe_url")
    return Mail(
        template="announcement",
        to="mei@example.org",
        account_id=account_id,  # type: ignore[arg-type]
        values=dict.fromkeys(values, "x"),
        dedupe_key="announcement:x",
    )
