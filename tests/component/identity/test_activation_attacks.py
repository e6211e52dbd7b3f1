"""Strangers at the door of activation: who guesses, replays, floods, dresses up, or says more than was asked."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from tests.component.identity.conftest import LIN, Identity, good, refusal
from tests.component.identity.strangers import (
    MEI,
    NEW_PASSWORD,
    activated,
    check,
    delivered,
    open_account,
    proof,
    send,
    statements,
    ticket,
    token_of_last_mail,
)
from tests.support.as_long import take_equally_long
from tests.support.mail_server import MailServer

NO_MATCH_SAID = (
    "所填資料與醫事人員登錄資料不符,請確認或洽衛生局 / What you gave does not agree with the licence registry; check it, or ask "
    "the public health bureau"
)
NO_MATCH: tuple[int, str, list[tuple[str, str]]] = (422, "no-match-in-registry", [])
STRANGER = "B123456780"


def said(response: Any) -> dict[str, Any]:
    """All of an answer that is not the request's own number."""
    return {**response.json(), "request_id": ""}


async def test_nothing_is_told_to_who_does_not_know_everything(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    await identity.imported(LIN)
    wrong: list[dict[str, Any]] = [
        {"national_id": STRANGER},
        {"certificate_number": "049466"},
        {"institution_code": "1029384212"},
        {"practising": False, "institution_code": None},
        {"national_id": "R121351632"},
        {"national_id": "R121351632", "certificate_number": "000001"},  # practised once, and there is no code
    ]
    answers = [await check(identity, **changes) for changes in wrong]
    assert [refusal(answer) for answer in answers] == [NO_MATCH] * len(wrong)
    assert {answer.json()["detail"] for answer in answers} == {NO_MATCH_SAID}
    assert all(said(answer) == said(answers[0]) for answer in answers)
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


async def test_an_unknown_id_takes_as_long_as_a_known_one(identity: Identity) -> None:
    await identity.imported(MEI)
    asked: dict[str, set[tuple[str, ...]]] = {"A123456789": set(), STRANGER: set()}

    async def seconds(number: str) -> float:
        solved = await proof(identity, "activation")
        begun = time.perf_counter()
        with statements(identity) as sql:
            response = await check(identity, national_id=number, certificate_number="999999", proof_of_work=solved)
        took = time.perf_counter() - begun
        asked[number].add(tuple(sql))
        assert refusal(response) == NO_MATCH
        return took

    await take_equally_long(
        lambda: seconds("A123456789"),
        lambda: seconds(STRANGER),
        times=9,
        between=lambda: identity.clock.advance(timedelta(hours=2)),  # ten an hour are free
        slack=0.01,
    )
    assert asked["A123456789"] == asked[STRANGER]


async def test_an_id_with_a_wrong_checksum_is_refused_before_anybody_looks(identity: Identity) -> None:
    faults = {
        "national_id": "A123456788",
        "certificate_number": "12345",
        "institution_code": "123",
        "proof_of_work": "not even looked at",
    }
    assert refusal(await check(identity, **faults))[2] == [
        ("body.national_id", "national-id-checksum"),
        ("body.certificate_number", "certificate-number-format"),
        ("body.institution_code", "institution-code-format"),
    ]
    assert refusal(await check(identity, institution_code=None))[2] == [("body.institution_code", "missing-value")]
    assert refusal(await check(identity, practising=False))[2] == [("body.institution_code", "not-practising")]


@pytest.mark.parametrize("number", ["Ａ123456789x", "А123456789", "A12345678९", "ı123456789", "A1234567890", "'; --"])
async def test_what_only_looks_like_an_id_is_none(identity: Identity, number: str) -> None:
    slug = refusal(await check(identity, national_id=number))[2][0][1]
    assert slug in {"national-id-format", "national-id-checksum"}


async def test_every_guess_needs_a_proof_of_work_of_its_own(identity: Identity) -> None:
    await identity.imported(MEI)
    spent = await proof(identity, "activation")
    assert refusal(await check(identity, certificate_number="000000", proof_of_work=spent)) == NO_MATCH
    assert refusal(await check(identity, proof_of_work=spent))[:2] == (403, "proof-of-work-spent")
    other = await proof(identity, "recovery")
    assert refusal(await check(identity, proof_of_work=other))[:2] == (403, "proof-of-work-required")


async def test_a_hundred_guesses_at_one_person_are_ten(identity: Identity) -> None:
    await identity.imported(MEI)
    statuses = []
    for guess in range(100):
        response = await check(identity, certificate_number=f"{guess:06d}")
        statuses.append(response.status_code)
    assert statuses[:10] == [422] * 10
    assert set(statuses[10:]) == {429}
    assert int(response.headers["Retry-After"]) <= 3600
    assert (await check(identity)).status_code == 429  # who guesses does not learn which guess was right
    identity.clock.advance(timedelta(hours=1))
    assert good(await check(identity))["ticket"]


async def test_guesses_at_many_people_are_limited_by_where_they_come_from(identity: Identity) -> None:
    numbers = [number for number in (f"A1234{n:05d}" for n in range(2000)) if _sound(number)][:70]
    statuses = [(await check(identity, national_id=number)).status_code for number in numbers]
    assert statuses.count(422) == 60
    assert statuses[60:] == [429] * 10


async def test_many_at_once_get_one_link_each_for_their_name_and_one_name_goes_to_one(
    identity: Identity, server: MailServer
) -> None:
    mine = await ticket(identity)
    await identity.imported(LIN)
    facts = {"national_id": "R121351632", "certificate_number": "000001", "practising": False, "institution_code": None}
    other = good(await check(identity, **facts))["ticket"]
    answers = await asyncio.gather(*(send(identity, permit) for permit in (mine, other)))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    same = await asyncio.gather(*(send(identity, mine, name="another-name") for _ in range(5)))
    assert {answer.status_code for answer in same} == {202}
    assert len(await delivered(identity, server)) <= 2


async def test_many_activations_of_one_person_at_once_leave_one_link(identity: Identity, server: MailServer) -> None:
    tickets = [await ticket(identity) for _ in range(4)]
    for round_trip in range(3):
        names = [f"mei-{round_trip}-{n}" for n in range(4)]
        answers = await asyncio.gather(
            *(send(identity, permit, name=name) for permit, name in zip(tickets, names, strict=True))
        )
        assert {answer.status_code for answer in answers} <= {202, 410}
        identity.clock.advance(timedelta(minutes=1))
    assert len(await identity.rows("SELECT id FROM activations WHERE state = 'mailed'")) == 1
    token = await token_of_last_mail(identity, server)
    alive = [permit for permit in tickets if (await _state_of(identity, permit)) == "mailed"]
    opened, sent = await asyncio.gather(open_account(identity, token), send(identity, alive[0], name="mei-at-last"))
    assert (opened.status_code, sent.status_code) in {(201, 410), (410, 202)}


async def test_of_two_who_follow_one_link_at_once_one_gets_the_account(identity: Identity, server: MailServer) -> None:
    good(await send(identity, await ticket(identity)), 202)
    token = await token_of_last_mail(identity, server)
    answers = await asyncio.gather(*(open_account(identity, token, f"{NEW_PASSWORD} {n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 410, 410, 410]
    assert len(await identity.rows("SELECT id FROM accounts WHERE role = 'practitioner'")) == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"email": "mei@example.org\r\nBcc: thief@example.org"}, ("body.email", "email-format")),
        ({"email": "mei@example.org, thief@example.org"}, ("body.email", "email-format")),
        ({"email": "Mei <mei@example.org>"}, ("body.email", "email-format")),
        ({"email": "mei@exаmple.org"}, ("body.email", "email-format")),
        ({"email": "mei@localhost"}, ("body.email", "email-format")),
        ({"email": "mei@127.0.0.1"}, ("body.email", "email-format")),
        ({"email_again": "mei@example.com"}, ("body.email_again", "email-differs")),
        ({"name": "mеi-ling"}, ("body.name", "account-name-format")),
        ({"name": "mei\u200bling"}, ("body.name", "account-name-format")),
        ({"name": "A123456789"}, ("body.name", "account-name-is-national-id")),
        ({"name": "ａ123456789"}, ("body.name", "account-name-is-national-id")),
        ({"language": "fr"}, ("body.language", "unknown-value")),
    ],
)
async def test_addresses_and_names_that_are_none_are_refused(
    identity: Identity, changes: dict[str, str], fault: tuple[str, str]
) -> None:
    status, slug, errors = refusal(await send(identity, "any ticket", **changes))
    assert (status, slug) == (422, "validation-failed")
    assert errors[0][0] == fault[0]
    if fault[1] != "unknown-value":
        assert errors == [fault]


@pytest.mark.parametrize("more", [{"role": "system_administrator"}, {"practitioner_id": "x"}, {"verified": True}])
async def test_what_was_not_asked_for_is_refused(identity: Identity, server: MailServer, more: dict[str, Any]) -> None:
    permit = await ticket(identity)
    for response in (await send(identity, permit, **more), await check(identity, **more)):
        assert response.status_code == 422
    good(await send(identity, permit), 202)
    token = await token_of_last_mail(identity, server)
    response = await identity.ask(
        None, "POST", "/activation/password", {"token": token, "password": NEW_PASSWORD, **more}
    )
    assert response.status_code == 422


async def test_a_ticket_of_nobody_and_a_token_of_nobody_open_nothing(identity: Identity) -> None:
    for path in ("/activation/resend", "/activation/state"):
        response = await identity.ask(None, "POST", path, {"ticket": "x" * 43})
        assert refusal(response)[:2] == (410, "activation-ticket-invalid")
    response = await identity.ask(None, "POST", "/activation/names", {"ticket": "x" * 43, "name": "mei-ling"})
    assert refusal(response)[:2] == (410, "activation-ticket-invalid")
    invalid = await open_account(identity, "x" * 43)
    assert refusal(invalid)[:2] == (410, "link-invalid")
    assert invalid.json()["detail"].endswith(
        "請重新索取 / The link is not valid, was used, or has expired; ask for a new one"
    )
    for _ in range(12):  # and use nothing up that belongs to others
        assert refusal(await send(identity, "x" * 43))[:2] == (410, "activation-ticket-invalid")
    good(await send(identity, await ticket(identity)), 202)


async def test_only_mails_that_are_sent_use_up_what_an_address_gets(identity: Identity) -> None:
    await identity.account("taken-name")
    permit = await ticket(identity)
    for _ in range(12):
        assert refusal(await send(identity, permit, name="taken-name"))[:2] == (409, "account-name-taken")
    good(await send(identity, permit), 202)
    statuses = [(await send(identity, permit, name=f"mei-{n}")).status_code for n in range(4)]
    permit = await ticket(identity)
    statuses += [(await send(identity, permit, name=f"mei-{n}")).status_code for n in range(4, 9)]
    permit = await ticket(identity)
    eleventh = await send(identity, permit, name="mei-at-last")
    assert statuses == [202] * 9
    assert refusal(eleventh)[:2] == (429, "too-many-requests")
    assert "請於 24 小時後再試 / Too many requests; try again in 24 h" in eleventh.json()["detail"]


async def test_a_ticket_does_not_try_all_names(identity: Identity) -> None:
    permit = await ticket(identity)
    statuses = []
    for n in range(32):
        response = await identity.ask(None, "POST", "/activation/names", {"ticket": permit, "name": f"name-{n}"})
        statuses.append(response.status_code)
    assert statuses == [200] * 30 + [429] * 2


async def test_nothing_secret_is_kept_in_the_open(identity: Identity, server: MailServer) -> None:
    permit = await ticket(identity)
    good(await send(identity, permit), 202)
    token = await token_of_last_mail(identity, server)
    good(await open_account(identity, token), 201)
    tables = [
        row.name for row in await identity.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    ]
    for table in tables:
        content = str([tuple(row) for row in await identity.rows(f"SELECT * FROM {table}")])
        for secret in (permit, token, NEW_PASSWORD, "A123456789"):
            assert secret not in content, table


async def _state_of(identity: Identity, permit: str) -> str | None:
    response = await identity.ask(None, "POST", "/activation/state", {"ticket": permit})
    return str(response.json()["state"]) if response.status_code == 200 else None


def _sound(number: str) -> bool:
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    digits = (1, 0, *map(int, number[1:]))
    return sum(w * d for w, d in zip(weights, digits, strict=True)) % 10 == 0
