"""A practitioner opens their account: consent, check, name, address, link, password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.component.identity.conftest import LIN, Identity, good, refusal
from tests.component.identity.strangers import (
    CONSENT,
    MEI,
    NEW_PASSWORD,
    activated,
    check,
    delivered,
    open_account,
    send,
    ticket,
    token_of_last_mail,
)
from tests.support.mail_server import MailServer, text_of
from tests.support.tokens import an_actor

from cec_contracts.identity import ACCOUNT_OPENED
from cec_identity.activation.forget_old_activations import forget_activations

INVALID: tuple[int, str, list[tuple[str, str]]] = (410, "link-invalid", [])


async def test_from_consent_to_sign_in(identity: Identity, server: MailServer) -> None:
    terms = good(await identity.ask(None, "GET", "/consents/activation"))
    assert terms["version"] == CONSENT
    assert {"一、帳號之用途", "二、您的義務", "三、資料處理"} <= {section["heading"] for section in terms["sections"]}

    permit = await ticket(identity)
    name = good(await identity.ask(None, "POST", "/activation/names", {"ticket": permit, "name": "Ｍei-Ling"}))
    assert name == {"name": "Mei-Ling", "free": True}
    sent = good(await send(identity, permit), 202)
    assert (sent["state"], sent["email"], sent["mail_state"]) == ("mailed", "mei@example.org", "waiting")

    token = await token_of_last_mail(identity, server)
    assert "陳美玲 您好" in text_of(server.arrived[0])
    assert "mei-ling" in text_of(server.arrived[0])
    assert good(await identity.ask(None, "POST", "/activation/state", {"ticket": permit}))["mail_state"] == "delivered"
    for _ in range(2):  # looking uses nothing up: some programs follow links before their readers do
        assert good(await identity.ask(None, "POST", "/activation/link", {"token": token})) == {
            "account_name": "mei-ling"
        }
    assert good(await open_account(identity, token), 201) == {"account_name": "mei-ling"}

    tokens = good(await identity.sign_in("mei-ling", NEW_PASSWORD))
    assert tokens["role"] == "practitioner"
    own = good(await identity.with_token(tokens["access_token"], "/practitioners/me"))
    assert own["practitioner_id"] == tokens["practitioner_id"]
    (opened,) = [
        event for event in await identity.told() if event.type == ACCOUNT_OPENED.name and event.body.practitioner_id
    ]
    assert (opened.body.name, str(opened.body.practitioner_id)) == ("mei-ling", tokens["practitioner_id"])
    (profile,) = await identity.rows("SELECT person_name, email, email_verified_at, language FROM account_profiles")
    assert (profile.person_name, profile.email, profile.language) == ("陳美玲", "mei@example.org", "zh-Hant")
    assert profile.email_verified_at == identity.clock.now()
    given: Any = good(await identity.with_token(tokens["access_token"], "/consents/mine"))
    assert [(consent["kind"], consent["version"]) for consent in given] == [("activation", CONSENT)]
    assert {"activation.mailed", "account.opened", "activation.completed"} <= set(await identity.audited())


async def test_who_has_an_account_is_told_so_and_gets_no_ticket(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    assert good(await check(identity)) == {"status": "activated", "ticket": None, "ticket_expires_at": None}


@pytest.mark.parametrize(
    "changes",
    [
        {"national_id": "ａ１２３４５６７８９"},
        {"certificate_number": "０４９４６５"},
        {"certificate_number": "牙醫字第049465號"},
        {"certificate_number": " 第 049465 號 "},
        {"institution_code": "５９２２０２ａ２９６"},
    ],
)
async def test_full_width_and_whole_certificates_are_understood(identity: Identity, changes: dict[str, str]) -> None:
    assert await ticket(identity, **changes)


async def test_who_does_not_practise_names_no_institution(identity: Identity) -> None:
    await identity.imported(LIN)
    facts = {"national_id": "r121351632", "certificate_number": "000001", "practising": False}
    assert good(await check(identity, **facts, institution_code=None))["status"] == "not-activated"


async def test_a_changed_national_id_finds_the_same_person(identity: Identity) -> None:
    path = f"/practitioners/{await identity.practitioner_id(MEI)}/national-id"
    change = {"national_id": "A870000015", "reason": "換發統一證號"}
    good(await identity.ask(identity.administrator, "POST", path, change))
    assert good(await check(identity, national_id="A870000015"))["ticket"]
    assert good(await check(identity))["ticket"]


async def test_sending_the_same_twice_sends_one_mail(identity: Identity, server: MailServer) -> None:
    permit = await ticket(identity)
    first = good(await send(identity, permit), 202)
    assert good(await send(identity, permit), 202) == first
    assert len(await delivered(identity, server)) == 1


async def test_asking_again_within_a_minute_is_told_when_the_last_mail_left(
    identity: Identity, server: MailServer
) -> None:
    permit = await ticket(identity)
    good(await send(identity, permit), 202)
    identity.clock.advance(timedelta(seconds=20))
    answer = await identity.ask(None, "POST", "/activation/resend", {"ticket": permit})
    assert refusal(answer)[:2] == (429, "activation-mail-just-sent")
    assert answer.headers["Retry-After"] == "40"
    assert "20 秒前" in answer.json()["detail"]
    assert "The last mail left 20 seconds ago: look into the mailbox and the spam folder" in answer.json()["detail"]
    assert len(await delivered(identity, server)) == 1
    identity.clock.advance(timedelta(seconds=40))
    good(await identity.ask(None, "POST", "/activation/resend", {"ticket": permit}), 202)
    assert len(await delivered(identity, server)) == 2


async def test_a_new_mail_makes_the_earlier_link_worthless(identity: Identity, server: MailServer) -> None:
    permit = await ticket(identity)
    good(await send(identity, permit), 202)
    earlier = await token_of_last_mail(identity, server)
    identity.clock.advance(timedelta(minutes=1))
    again = good(await identity.ask(None, "POST", "/activation/resend", {"ticket": permit}), 202)
    assert again["mails_left"] == 3
    later = await token_of_last_mail(identity, server)
    assert refusal(await open_account(identity, earlier)) == INVALID
    good(await open_account(identity, later), 201)


async def test_a_mistyped_address_is_corrected_at_once(identity: Identity, server: MailServer) -> None:
    permit = await ticket(identity)
    good(await send(identity, permit, email="typo@example.org", email_again="Typo@example.org"), 202)
    wrong = await token_of_last_mail(identity, server)
    good(await send(identity, permit), 202)
    right = await token_of_last_mail(identity, server)
    assert server.recipients == ["typo@example.org", "mei@example.org"]
    assert refusal(await open_account(identity, wrong)) == INVALID
    good(await open_account(identity, right), 201)


async def test_a_mail_that_came_back_is_told(identity: Identity, server: MailServer) -> None:
    permit = await ticket(identity)
    good(await send(identity, permit), 202)
    server.at_rcpt = ["550 5.1.1 no such user"]
    await delivered(identity, server)
    state = good(await identity.ask(None, "POST", "/activation/state", {"ticket": permit}))
    assert state["mail_state"] == "bounced"


async def test_an_activation_sends_five_mails_and_no_more(identity: Identity) -> None:
    permit = await ticket(identity)
    for left in (4, 3, 2, 1, 0):
        assert good(await send(identity, permit), 202)["mails_left"] == left
        identity.clock.advance(timedelta(minutes=1))
    assert refusal(await send(identity, permit))[:2] == (429, "activation-too-many-mails")
    good(await send(identity, await ticket(identity)), 202)  # begun again, with another proof of work


async def test_beginning_again_ends_the_earlier_activation_when_it_mails(
    identity: Identity, server: MailServer
) -> None:
    first = await ticket(identity)
    good(await send(identity, first), 202)
    earlier = await token_of_last_mail(identity, server)
    second = await ticket(identity)
    assert good(await identity.ask(None, "POST", "/activation/link", {"token": earlier}))
    good(await send(identity, second, name="mei-ling-chen"), 202)
    assert refusal(await open_account(identity, earlier)) == INVALID
    assert refusal(await send(identity, first))[:2] == (410, "activation-ticket-invalid")
    good(await open_account(identity, await token_of_last_mail(identity, server)), 201)


async def test_a_link_is_good_once_and_for_a_day(identity: Identity, server: MailServer) -> None:
    permit = await ticket(identity)
    good(await send(identity, permit), 202)
    token = await token_of_last_mail(identity, server)
    identity.clock.advance(timedelta(hours=24))
    for path, body in (("/activation/link", {}), ("/activation/password", {"password": NEW_PASSWORD})):
        assert refusal(await identity.ask(None, "POST", path, {"token": token, **body})) == INVALID
    assert refusal(await send(identity, permit))[:2] == (410, "activation-ticket-invalid")

    good(await send(identity, await ticket(identity)), 202)
    token = await token_of_last_mail(identity, server)
    good(await open_account(identity, token), 201)
    assert refusal(await open_account(identity, token)) == INVALID
    assert refusal(await identity.ask(None, "POST", "/activation/link", {"token": token})) == INVALID


async def test_a_bad_password_leaves_the_link_good(identity: Identity, server: MailServer) -> None:
    good(await send(identity, await ticket(identity)), 202)
    token = await token_of_last_mail(identity, server)
    for password, slug in (
        ("short", "password-length"),
        ("p" * 129, "password-length"),
        ("password1", "password-too-common"),
        ("I am MEI-LING!", "password-contains-name"),
    ):
        assert refusal(await open_account(identity, token, password))[2] == [("body.password", slug)]
    good(await open_account(identity, token, "長密碼也可以,沒有十二字的上限"), 201)


async def test_a_name_that_somebody_was_quicker_with_is_refused_at_the_end_too(
    identity: Identity, server: MailServer
) -> None:
    good(await send(identity, await ticket(identity)), 202)
    token = await token_of_last_mail(identity, server)
    await identity.account("MEI-LING")
    assert refusal(await open_account(identity, token))[:2] == (409, "account-name-taken")
    assert await identity.rows("SELECT account_id FROM account_profiles") == []


async def test_an_administrator_may_have_opened_the_account_meanwhile(identity: Identity, server: MailServer) -> None:
    good(await send(identity, await ticket(identity)), 202)
    token = await token_of_last_mail(identity, server)
    person = str(await identity.practitioner_id(MEI))
    await identity.account("opened-by-hand", role="practitioner", practitioner_id=person)
    assert refusal(await open_account(identity, token))[:2] == (409, "practitioner-has-account")


async def test_activations_are_forgotten_in_the_end(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    identity.clock.advance(timedelta(days=33))
    async with identity.database.transaction() as tx:
        assert await forget_activations(tx) == 1
    good(await identity.sign_in("mei-ling", NEW_PASSWORD))


async def test_only_todays_terms_are_agreed_to_and_earlier_ones_can_be_read(identity: Identity) -> None:
    permit = await ticket(identity)
    assert refusal(await send(identity, permit, consent_version="2019-01-01"))[:2] == (409, "consent-outdated")
    assert good(await identity.ask(None, "GET", f"/consents/activation?version={CONSENT}"))["version"] == CONSENT
    assert (await identity.ask(None, "GET", "/consents/activation?version=2019-01-01")).status_code == 404
    assert (await identity.ask(None, "GET", "/consents/nothing")).status_code in {404, 422}
    assert (await identity.ask(an_actor("review_unit"), "GET", "/consents/mine")).json() == []


async def test_who_is_not_found_is_told_where_other_professions_have_to_go(identity: Identity) -> None:
    body = {"since": "2016-08-15", "system": "nmcec", "address": "https://nmcec.example.gov.tw/", "reason": "護產人員"}
    good(await identity.ask(identity.administrator, "PUT", "/professions-elsewhere/D", body))
    answer = await check(identity, certificate_number="999999")
    assert refusal(answer)[:2] == (422, "no-match-in-registry")
    assert "https://nmcec.example.gov.tw/" in answer.json()["detail"]
