"""Somebody signs in from a device that the account does not know: its owner hears of it by mail."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.component.identity import test_certificate_cards as cards
from tests.component.identity import test_one_time_codes as codes
from tests.component.identity import test_passkeys as passkeys
from tests.component.identity.authenticator import Authenticator
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity.strangers import NEW_PASSWORD, activated, delivered, statements
from tests.component.identity.test_certificate_cards import desk
from tests.component.identity.test_one_time_codes import enrolled
from tests.component.identity.test_sessions import FIREFOX, enter
from tests.support.mail_server import MailServer

from cec_identity.accounts.profile import Language, Profile
from cec_identity.accounts.profile_store import insert_profile
from cec_identity.mail.templates import render
from cec_identity.sign_in.visit import OTHER

__all__ = ["desk", "enrolled"]  # fixtures of the files whose ways to sign in are used here


async def has_address(
    identity: Identity,
    tokens: dict[str, Any],
    language: Language = Language.CHINESE,
    email: str = "owner@example.org",
) -> None:
    """The account gets an owner with a mailbox."""
    profile = Profile(account_id=UUID(tokens["account_id"]), person_name="王小明", email=email, language=language)
    async with identity.database.transaction() as tx:
        await insert_profile(tx, profile)


async def told(identity: Identity) -> list[Any]:
    """The mails about devices, in order."""
    return await identity.rows(
        "SELECT recipient, account_id, language, state, template_values AS told FROM mails "
        "WHERE template = 'new_device' ORDER BY id"
    )


async def test_the_owner_is_told_when_which_device_and_from_where(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    first = good(await enter(identity, "mei-ling", password=NEW_PASSWORD))
    assert await told(identity) == [], "the first device of a new account is its owner's"
    identity.clock.advance(timedelta(minutes=5))
    known = first["device_token"]
    good(await enter(identity, "mei-ling", password=NEW_PASSWORD, device_token=known, address="198.51.100.9"))
    assert await told(identity) == [], "a known device may be anywhere"
    good(await enter(identity, "mei-ling", password=NEW_PASSWORD, agent=FIREFOX, address="198.51.100.9"))
    (mail,) = await told(identity)
    assert (mail.recipient, str(mail.account_id)) == ("mei@example.org", first["account_id"])
    assert mail.told == {
        "person_name": "陳美玲",
        "account_name": "mei-ling",
        "signed_in_at": "2026-03-02 12:05",
        "device": "Firefox · Linux",
        "address_masked": "198.51.100.*",
    }
    text = (await delivered(identity, server))[-1]
    for words in ("Firefox · Linux", "198.51.100.*", "2026-03-02 12:05", "結束所有登入", "無法登入"):
        assert words in text
    english = render("new_device", Language.ENGLISH, mail.told, "https://portal.example")
    for words in ("Firefox · Linux", "198.51.100.*", "2026-03-02 12:05", "end all sessions", "I cannot sign in"):
        assert words in english.text
        assert words in english.html


async def test_it_is_written_in_the_owners_language_and_once_for_sign_ins_at_once(identity: Identity) -> None:
    tokens = good(await identity.sign_in())
    await has_address(identity, tokens, Language.ENGLISH)
    answers = await asyncio.gather(*(identity.sign_in() for _ in range(3)))
    assert len({good(answer)["session_id"] for answer in answers}) == 3
    (mail,) = await told(identity)
    assert mail.language == "en"
    identity.clock.advance(timedelta(hours=2))
    good(await identity.refresh(good(answers[0])["refresh_token"]))
    assert len(await told(identity)) == 1, "going on is no sign-in"


async def test_a_program_that_keeps_no_token_is_told_of_once_an_hour_and_every_sign_in_is_listed(
    identity: Identity,
) -> None:
    tokens = good(await identity.sign_in())
    await has_address(identity, tokens)
    mails = []
    for _ in range(9):  # every twenty minutes
        good(await enter(identity))
        mails.append(len(await told(identity)))
        identity.clock.advance(timedelta(minutes=20))
    assert mails == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    token = good(await enter(identity))["access_token"]
    listed = good(await identity.with_token(token, "/sessions/history"))
    assert (listed["total"], {line["outcome"] for line in listed["items"]}) == (11, {"succeeded"})
    assert (await identity.audited()).count("session.started") == 11


async def test_another_kind_of_device_another_network_and_another_account_are_told_at_once(identity: Identity) -> None:
    tokens = good(await identity.sign_in())
    await has_address(identity, tokens)
    good(await enter(identity, address="203.0.113.7"))
    good(await enter(identity, address="203.0.113.99"))
    assert len(await told(identity)) == 1, "the same network, masked"
    good(await enter(identity, address="198.51.100.9"))
    good(await enter(identity, address="198.51.100.9", agent=FIREFOX))
    assert [(mail.told["device"], mail.told["address_masked"]) for mail in await told(identity)][1:] == [
        (OTHER, "198.51.100.*"),
        ("Firefox · Linux", "198.51.100.*"),
    ]
    await identity.account("another-one")
    other = good(await enter(identity, "another-one"))
    await has_address(identity, other, email="other@example.org")
    good(await enter(identity, "another-one"))
    assert str((await told(identity))[-1].account_id) == other["account_id"]
    assert len(await told(identity)) == 4


async def test_the_mail_is_queued_with_the_session_or_neither(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = good(await identity.sign_in())
    await has_address(identity, tokens)

    async def fails(*_: Any) -> None:
        raise OSError("after the mail was queued, before the commit")

    with monkeypatch.context() as broken:
        broken.setattr("cec_identity.sign_in.begin_session.issue_tokens", fails)
        assert (await identity.sign_in()).status_code == 503
    assert await told(identity) == []
    assert len(await identity.rows("SELECT id FROM sessions")) == 1
    good(await identity.sign_in())
    assert len(await told(identity)) == 1


async def test_a_second_factor_a_passkey_and_a_card_tell_as_well(identity: Identity, enrolled: codes.Enrolled) -> None:
    await has_address(identity, enrolled.tokens)
    challenge = await enrolled.challenge()
    assert refusal(await enrolled.second(challenge, "000000"))[0] == 401
    assert await told(identity) == [], "the password alone begins nothing"
    good(await enrolled.second(challenge, codes.code(identity, enrolled.secret)))
    assert len(await told(identity)) == 1
    owner, authenticator = passkeys.Owner(identity, enrolled.tokens), Authenticator()
    await owner.register(authenticator)
    identity.clock.advance(timedelta(hours=1))  # the same kind of device is told of again
    entered = good(await passkeys.enter(identity, authenticator.get(await passkeys.challenge(identity))))
    assert len(await told(identity)) == 2
    answer = {
        "credential": authenticator.get(await passkeys.challenge(identity)),
        "device_token": entered["device_token"],
    }
    good(await identity.ask(None, "POST", "/sign-in/passkey", answer))
    assert len(await told(identity)) == 2


async def test_a_card_tells_too(desk: cards.Desk) -> None:
    await has_address(desk.identity, desk.tokens)
    card = cards.BETWEEN.card()
    good(await desk.register(card), 201)
    good(await desk.enter(card.answer(await desk.challenge())))
    assert len(await told(desk.identity)) == 1


async def test_who_signed_in_more_than_a_year_ago_is_no_newcomer(identity: Identity) -> None:
    tokens = good(await identity.sign_in())
    await has_address(identity, tokens)
    async with identity.database.transaction() as tx:  # as `forget_history` does
        await tx.execute("DELETE FROM sign_in_history")
        await tx.execute("UPDATE accounts SET opened_at = :then", then=tx.now - timedelta(days=366))
    good(await identity.sign_in())
    assert len(await told(identity)) == 1


async def test_an_account_without_an_address_is_signed_in_to_all_the_same(identity: Identity) -> None:
    for _ in range(2):
        good(await identity.sign_in())
    assert await told(identity) == []


async def test_strangers_neither_cause_a_mail_nor_see_a_difference(identity: Identity) -> None:
    """What the database is asked for a wrong password is the same whether the account has a mailbox, or is none."""
    tokens = good(await identity.sign_in())
    asked = []
    for step in range(2):
        if step:
            await has_address(identity, tokens)
        for name in ("Administrator-1", "nobody-at-all"):
            with statements(identity) as seen:
                assert refusal(await identity.sign_in(name, "a wrong password"))[1] == "sign-in-failed"
            asked.append(seen)
    assert all(seen == asked[0] for seen in asked)
    assert await told(identity) == []
