"""One-time codes as a second factor, and recovery codes when the app is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from tests.component.identity.conftest import Identity, good, refusal, settings_for
from tests.component.identity.test_sign_in import claims_of
from tests.conftest import MakeDatabase


async def ask(identity: Identity, tokens: dict[str, Any], method: str, path: str, body: Any = None) -> httpx.Response:
    return await identity.ask(None, method, path, body, {"Authorization": f"Bearer {tokens['access_token']}"})


def code(identity: Identity, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(identity.clock.now().timestamp()), counter_offset=steps)


class Enrolled:
    """The first administrator, who has one-time codes."""

    def __init__(self, identity: Identity, tokens: dict[str, Any], secret: str, recovery: list[str]) -> None:
        self.identity, self.tokens, self.secret, self.recovery = identity, tokens, secret, recovery

    async def challenge(self) -> str:
        answer = good(await self.identity.sign_in(), 202)
        assert answer["means"] == ["one_time_code", "recovery_code"]
        return str(answer["challenge"])

    async def second(self, challenge: str, code: str) -> httpx.Response:
        body = {"challenge": challenge, "code": code}
        return await self.identity.ask(None, "POST", "/sign-in/second-factor", body)


@pytest.fixture
async def enrolled(identity: Identity) -> Enrolled:
    tokens = good(await identity.sign_in())
    secret = good(await ask(identity, tokens, "POST", "/one-time-codes"), 201)["secret"]
    confirmed = await ask(identity, tokens, "POST", "/one-time-codes/confirm", {"code": code(identity, secret)})
    recovery = good(confirmed)["recovery_codes"]
    identity.clock.advance(timedelta(seconds=30))
    return Enrolled(identity, tokens, secret, recovery)


async def test_a_secret_counts_once_it_is_confirmed(identity: Identity) -> None:
    tokens = good(await identity.sign_in())
    response = await ask(identity, tokens, "POST", "/one-time-codes")
    made = good(response, 201)
    assert response.headers["cache-control"] == "no-store"
    assert made["otpauth_uri"].startswith("otpauth://totp/")
    assert f"secret={made['secret']}" in made["otpauth_uri"]
    assert made["qr_svg"].startswith("<svg")
    good(await identity.sign_in())  # not asked for yet
    wrong = await ask(identity, tokens, "POST", "/one-time-codes/confirm", {"code": "000000"})
    assert refusal(wrong)[:2] == (422, "one-time-code-refused")
    confirmed = await ask(identity, tokens, "POST", "/one-time-codes/confirm", {"code": code(identity, made["secret"])})
    assert len(set(good(confirmed)["recovery_codes"])) == 10
    good(await identity.sign_in(), 202)
    state = good(await ask(identity, tokens, "GET", "/one-time-codes"))
    assert (state["enrolled"], state["recovery_codes_left"], state["required"]) == (True, 10, False)
    assert refusal(await ask(identity, tokens, "POST", "/one-time-codes"))[:2] == (409, "one-time-codes-in-use")
    kept = await identity.rows("SELECT secret_sealed FROM one_time_code_secrets")
    assert made["secret"].encode() not in kept[0].secret_sealed


async def test_password_and_code_sign_in_and_the_token_says_so(enrolled: Enrolled) -> None:
    challenge = await enrolled.challenge()
    tokens = good(await enrolled.second(challenge, code(enrolled.identity, enrolled.secret)))
    assert claims_of(tokens)["amr"] == ["pwd", "otp", "mfa"]
    assert tokens["recovery_codes"] == []
    assert refusal(await enrolled.second(challenge, "123456"))[:2] == (401, "challenge-invalid")
    sessions = await enrolled.identity.rows("SELECT methods FROM sessions ORDER BY started_at")
    assert [row.methods for row in sessions] == [["pwd"], ["pwd", "otp", "mfa"]]


async def test_a_code_is_good_once_even_for_two_at_once(enrolled: Enrolled) -> None:
    now = code(enrolled.identity, enrolled.secret)
    challenges = [await enrolled.challenge() for _ in range(3)]
    answers = await asyncio.gather(*(enrolled.second(each, now) for each in challenges))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    earlier = code(enrolled.identity, enrolled.secret, -1)
    assert refusal(await enrolled.second(await enrolled.challenge(), earlier))[1] == "second-factor-refused"


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (0, 200), (1, 200), (2, 401)])
async def test_a_clock_may_be_one_step_off(enrolled: Enrolled, steps: int, status: int) -> None:
    enrolled.identity.clock.advance(timedelta(minutes=5))
    answer = await enrolled.second(await enrolled.challenge(), code(enrolled.identity, enrolled.secret, steps))
    assert answer.status_code == status


@pytest.mark.parametrize("sent", ["", "12345", "1234567", "١٢٣٤٥٦", "１２３４５６", "abcdef", "a" * 41])
async def test_what_is_no_code_is_refused(enrolled: Enrolled, sent: str) -> None:
    answer = await enrolled.second(await enrolled.challenge(), sent)
    assert answer.status_code in {401, 422}


async def test_recovery_codes_work_once_each_however_they_are_typed(enrolled: Enrolled) -> None:
    first, second = enrolled.recovery[:2]
    good(await enrolled.second(await enrolled.challenge(), first.upper().replace("-", " ")))
    assert refusal(await enrolled.second(await enrolled.challenge(), first))[1] == "second-factor-refused"
    good(await enrolled.second(await enrolled.challenge(), second))
    assert (await enrolled.identity.audited()).count("recovery_code.used") == 2
    tokens = good(await enrolled.second(await enrolled.challenge(), code(enrolled.identity, enrolled.secret)))
    renewed = good(await ask(enrolled.identity, tokens, "POST", "/one-time-codes/recovery-codes"))["recovery_codes"]
    assert not set(renewed) & set(enrolled.recovery)
    assert refusal(await enrolled.second(await enrolled.challenge(), enrolled.recovery[2]))[0] == 401
    good(await enrolled.second(await enrolled.challenge(), renewed[0]))


async def test_five_wrong_codes_are_the_end_of_a_sign_in_and_then_the_account_waits(enrolled: Enrolled) -> None:
    challenge = await enrolled.challenge()
    for _ in range(5):
        assert refusal(await enrolled.second(challenge, "000000"))[1] == "second-factor-refused"
    assert refusal(await enrolled.second(challenge, "000000"))[1] == "challenge-invalid"
    waiting = await enrolled.second(await enrolled.challenge(), code(enrolled.identity, enrolled.secret))
    assert refusal(waiting)[:2] == (429, "too-many-attempts")
    enrolled.identity.clock.advance(timedelta(seconds=int(waiting.headers["retry-after"])))
    good(await enrolled.second(await enrolled.challenge(), code(enrolled.identity, enrolled.secret)))
    outcomes = await enrolled.identity.rows("SELECT outcome FROM sign_in_history ORDER BY at, id")
    assert [row.outcome for row in outcomes].count("second_factor_refused") == 5


async def test_codes_sent_at_once_are_counted_each(enrolled: Enrolled) -> None:
    challenges = [await enrolled.challenge() for _ in range(4)]
    sent = [enrolled.second(challenges[number % 4], f"{number:06}") for number in range(16)]
    answers = await asyncio.gather(*sent)
    slugs = [refusal(answer)[1] for answer in answers]
    assert slugs.count("second-factor-refused") <= 5
    assert "too-many-attempts" in slugs


async def test_a_challenge_of_a_passkey_is_no_second_factor(enrolled: Enrolled) -> None:
    options = good(await enrolled.identity.ask(None, "POST", "/sign-in/passkey/options"))["public_key"]
    answer = await enrolled.second(options["challenge"], code(enrolled.identity, enrolled.secret))
    assert refusal(answer)[1] == "challenge-invalid"


async def test_the_challenge_expires_and_ends_with_the_account(enrolled: Enrolled) -> None:
    challenge = await enrolled.challenge()
    enrolled.identity.clock.advance(timedelta(minutes=5))
    answer = await enrolled.second(challenge, code(enrolled.identity, enrolled.secret))
    assert refusal(answer)[1] == "challenge-invalid"


async def test_removing_needs_a_fresh_sign_in(enrolled: Enrolled) -> None:
    identity = enrolled.identity
    identity.clock.advance(timedelta(minutes=9, seconds=29))
    assert (await ask(identity, enrolled.tokens, "GET", "/one-time-codes")).status_code == 200
    refreshed = good(await identity.refresh(enrolled.tokens["refresh_token"]))
    identity.clock.advance(timedelta(seconds=2))
    assert refusal(await ask(identity, refreshed, "DELETE", "/one-time-codes"))[1] == "fresh-sign-in-needed"
    fresh = good(await enrolled.second(await enrolled.challenge(), code(identity, enrolled.secret)))
    assert (await ask(identity, fresh, "DELETE", "/one-time-codes")).status_code == 204
    assert refusal(await ask(identity, fresh, "DELETE", "/one-time-codes"))[:2] == (409, "no-one-time-codes")
    good(await identity.sign_in())
    assert await identity.rows("SELECT digest FROM recovery_codes") == []


async def test_a_role_that_has_to_have_a_second_factor_sets_it_up_at_sign_in(make_database: MakeDatabase) -> None:
    url = await make_database("identity")
    identity = await Identity.on(url, settings_for(url, second_factor_roles="system_administrator, review_unit"))
    needed = good(await identity.sign_in(), 202)
    assert needed["means"] == ["enrol_one_time_codes"]
    body = {"challenge": needed["challenge"]}
    early = await identity.ask(None, "POST", "/sign-in/second-factor", {**body, "code": "000000"})
    assert refusal(early)[1] == "second-factor-refused"
    made = good(await identity.ask(None, "POST", "/sign-in/second-factor/enrolment", body))
    answer = {**body, "code": code(identity, made["secret"])}
    tokens = good(await identity.ask(None, "POST", "/sign-in/second-factor", answer))
    assert len(tokens["recovery_codes"]) == 10
    assert claims_of(tokens)["amr"] == ["pwd", "otp", "mfa"]
    again = good(await identity.sign_in(), 202)
    assert again["means"] == ["one_time_code", "recovery_code"]
    stolen = await identity.ask(None, "POST", "/sign-in/second-factor/enrolment", {"challenge": again["challenge"]})
    assert refusal(stolen)[1] == "one-time-codes-in-use"
    unit = await identity.organisation()
    await identity.account(role="offering_unit", organisation_id=unit["organisation_id"])
    good(await identity.sign_in("unit-one"))
    await identity.close()


async def test_an_administrator_removes_what_somebody_has_lost(identity: Identity) -> None:
    unit = await identity.organisation()
    account = await identity.account(role="offering_unit", organisation_id=unit["organisation_id"])
    tokens = good(await identity.sign_in("unit-one"))
    secret = good(await ask(identity, tokens, "POST", "/one-time-codes"), 201)["secret"]
    good(await ask(identity, tokens, "POST", "/one-time-codes/confirm", {"code": code(identity, secret)}))
    good(await identity.sign_in("unit-one"), 202)
    admin, path = good(await identity.sign_in()), f"/accounts/{account['account_id']}/one-time-codes/remove"
    body = {"reason": "手機遺失,已持證件臨櫃確認"}
    assert (await ask(identity, tokens, "POST", path, body)).status_code == 403
    stale = replace(identity.administrator, authenticated_at=identity.clock.now() - timedelta(minutes=11))
    assert refusal(await identity.ask(stale, "POST", path, body))[1] == "fresh-sign-in-needed"
    assert (await ask(identity, admin, "POST", path, body)).status_code == 204
    assert refusal(await ask(identity, admin, "POST", path, body))[:2] == (409, "no-one-time-codes")
    good(await identity.sign_in("unit-one"))
    entry = (await identity.rows("SELECT reason FROM audit_log WHERE action = 'one_time_codes.removed'"))[0]
    assert entry.reason == body["reason"]
