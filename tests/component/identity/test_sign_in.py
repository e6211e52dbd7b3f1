"""Sign-in, refresh and sign-out, with real argon2 and tokens that identity's own guards verify."""

from __future__ import annotations

import asyncio
import base64
import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.component.identity.applying import applied, decide
from tests.component.identity.conftest import LIN, PASSWORD, Identity, good, refusal
from tests.component.identity.hashing import Counted
from tests.component.identity.strangers import statements
from tests.support.as_long import take_equally_long

from cec_chassis.tokens import ACCESS_TOKEN_LIFETIME


async def test_a_sign_in_gives_a_token_that_names_the_caller_and_opens_doors(identity: Identity) -> None:
    unit = await identity.organisation()
    account = await identity.account(role="offering_unit", organisation_id=unit["organisation_id"])
    response = await identity.sign_in("UNIT-one")
    tokens = good(response)
    assert response.headers["cache-control"] == "no-store"
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    assert (tokens["role"], tokens["organisation_id"]) == ("offering_unit", unit["organisation_id"])

    keys = KeySet.import_key_set((await identity.client.get("/.well-known/jwks.json")).json())
    token = jwt.decode(tokens["access_token"], keys, algorithms=["EdDSA"])
    assert token.header["kid"] == identity.key.kid
    claims = token.claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("cec-identity", "cec", account["account_id"])
    assert (claims["role"], claims["name"]) == ("offering_unit", "unit-one")
    assert claims["organisation_id"] == unit["organisation_id"]
    assert claims["exp"] - claims["iat"] == 600
    assert claims["jti"]
    assert (await identity.with_token(tokens["access_token"])).status_code == 200
    assert (await identity.with_token(tokens["access_token"], "/accounts")).status_code == 403


async def test_a_practitioner_reads_ones_own_record_by_ones_own_token(identity: Identity) -> None:
    person = str(await identity.practitioner_id(LIN))
    await identity.account("lin-ji-shi", role="practitioner", practitioner_id=person)
    token = good(await identity.sign_in("lin-ji-shi"))["access_token"]
    own = good(await identity.with_token(token, "/practitioners/me"))
    assert (own["practitioner_id"], own["national_id_masked"]) == (person, "R12****632")


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(identity: Identity) -> None:
    wrong_password = await identity.sign_in(password="wrong password")
    wrong_name = await identity.sign_in("nobody-at-all")
    for response in (wrong_password, wrong_name):
        assert refusal(response) == (401, "sign-in-failed", [])
    bodies = [{**response.json(), "request_id": ""} for response in (wrong_password, wrong_name)]
    assert bodies[0] == bodies[1]
    audit = await identity.rows("SELECT subject_id FROM audit_log WHERE action = 'session.refused' ORDER BY id")
    assert audit[1].subject_id == "unknown"  # the name itself may be a password typed into the wrong field


@pytest.mark.usefixtures("at_full_cost")
async def test_an_unknown_name_takes_as_long_as_a_wrong_password(identity: Identity) -> None:
    async def seconds(name: str) -> float:
        begun = time.perf_counter()
        assert refusal(await identity.sign_in(name, "wrong password"))[1] == "sign-in-failed"
        return time.perf_counter() - begun

    await take_equally_long(
        lambda: seconds("Administrator-1"),
        lambda: seconds("nobody-at-all"),
        times=4,
        between=lambda: identity.clock.advance(timedelta(days=2)),  # what failed before is forgotten
    )


async def test_whoever_is_tried_first_in_a_process_costs_the_same(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time on a busy machine says little; the statements and the work of argon2 say all."""
    disabled = await identity.account("disabled-one")
    path = f"/accounts/{disabled['account_id']}/disable"
    good(await identity.ask(identity.administrator, "POST", path, {"reason": "離職"}))
    good(await decide(identity, await applied(identity, name="not-yet-set"), "approve"))
    counted, costs = Counted(monkeypatch), {}
    for name in ("Administrator-1", "nobody-at-all", "disabled-one", "not-yet-set"):
        process = await Identity.on(identity.runtime.settings.database_url)
        counted.asked.clear()
        with statements(process) as sql:
            assert refusal(await process.sign_in(name, "wrong password"))[:2] == (401, "sign-in-failed")
        costs[name] = (tuple(sql), tuple(counted.asked))
        await process.close()
    assert {len(asked) for _, asked in costs.values()} == {1}, "one verification, by the same parameters"
    assert len(set(costs.values())) == 1


async def test_full_width_typing_does_not_lock_anybody_out(identity: Identity) -> None:
    await identity.account("unit-one", password="Ｃorrect horse")
    good(await identity.sign_in("ｕｎｉｔ－ｏｎｅ", "Correct horse"))


async def test_each_refresh_gives_new_tokens_and_uses_up_the_old_one(identity: Identity) -> None:
    first = good(await identity.sign_in())
    identity.clock.advance(timedelta(minutes=9))
    second = good(await identity.refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert (await identity.with_token(second["access_token"])).status_code == 200
    identity.clock.advance(timedelta(minutes=2))
    assert refusal(await identity.with_token(first["access_token"]))[:2] == (401, "token-expired")
    assert (await identity.with_token(second["access_token"])).status_code == 200
    kept = await identity.rows("SELECT digest FROM refresh_tokens")
    assert all(first["refresh_token"].encode() not in row.digest for row in kept)


async def test_a_refresh_token_that_comes_twice_ends_the_whole_family(identity: Identity) -> None:
    first = good(await identity.sign_in())
    other_session = good(await identity.sign_in())
    second = good(await identity.refresh(first["refresh_token"]))
    assert refusal(await identity.refresh(first["refresh_token"]))[:2] == (401, "refresh-token-reused")
    assert refusal(await identity.refresh(second["refresh_token"]))[:2] == (401, "session-ended")
    assert (await identity.audited()).count("session.revoked") == 1
    ended = await identity.rows("SELECT end_reason FROM sessions WHERE ended_at IS NOT NULL")
    assert [row.end_reason for row in ended] == ["refresh-token-reused"]
    good(await identity.refresh(other_session["refresh_token"]))


async def test_of_two_who_present_one_token_at_once_one_is_caught(identity: Identity) -> None:
    token = good(await identity.sign_in())["refresh_token"]
    answers = await asyncio.gather(*(identity.refresh(token) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    slugs = {refusal(answer)[1] for answer in answers if answer.status_code == 401}
    assert slugs <= {"refresh-token-reused", "session-ended"}
    assert "refresh-token-reused" in slugs
    good_one = next(answer for answer in answers if answer.status_code == 200).json()
    assert refusal(await identity.refresh(good_one["refresh_token"]))[1] == "session-ended"


async def test_signing_out_ends_the_family_and_is_quiet_about_unknown_tokens(identity: Identity) -> None:
    first = good(await identity.sign_in())
    second = good(await identity.refresh(first["refresh_token"]))
    for token in (second["refresh_token"], second["refresh_token"], "never given out"):
        response = await identity.ask(None, "POST", "/sign-out", {"refresh_token": token})
        assert (response.status_code, response.content) == (204, b"")
    assert refusal(await identity.refresh(second["refresh_token"]))[:2] == (401, "session-ended")
    assert (await identity.audited()).count("session.ended") == 1


async def test_an_unknown_refresh_token_is_refused_and_ends_nothing(identity: Identity) -> None:
    tokens = good(await identity.sign_in())
    assert refusal(await identity.refresh("never given out"))[:2] == (401, "refresh-token-invalid")
    good(await identity.refresh(tokens["refresh_token"]))


async def test_an_idle_session_ends_and_so_does_an_old_one_that_was_always_busy(identity: Identity) -> None:
    idle = good(await identity.sign_in())["refresh_token"]
    identity.clock.advance(timedelta(hours=8, seconds=1))
    assert refusal(await identity.refresh(idle))[:2] == (401, "session-ended")
    busy = good(await identity.sign_in())["refresh_token"]
    for _ in range(3):
        identity.clock.advance(timedelta(hours=7))
        busy = good(await identity.refresh(busy))["refresh_token"]
    identity.clock.advance(timedelta(hours=4))
    assert refusal(await identity.refresh(busy))[:2] == (401, "session-ended")


async def test_rotating_the_signing_keys_keeps_tokens_in_hand_good(identity: Identity) -> None:
    before = good(await identity.sign_in())
    identity.clock.advance(timedelta(seconds=30))
    rotated = await identity.ask(identity.administrator, "POST", "/signing-keys/rotate", {"reason": "每年更換"})
    statuses = [key["status"] for key in good(rotated)["keys"]]
    assert statuses == ["retired", "current", "next"]
    after = good(await identity.sign_in())
    headers = [jwt_header(tokens["access_token"]) for tokens in (before, after)]
    assert headers[0]["kid"] != headers[1]["kid"]
    for tokens in (before, after):
        assert (await identity.with_token(tokens["access_token"])).status_code == 200
    identity.clock.advance(ACCESS_TOKEN_LIFETIME)
    assert refusal(await identity.with_token(before["access_token"]))[1] == "token-expired"
    good(await identity.refresh(before["refresh_token"]))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": "a"}, ("body.password", "missing-field")),
        ({"name": "a", "password": 1}, ("body.password", "wrong-type")),
        ({"name": "a", "password": "b", "role": "system_administrator"}, ("body.role", "unknown-field")),
        ({"name": "a", "password": "x" * 600}, ("body.password", "wrong-length")),
    ],
)
async def test_a_malformed_sign_in_is_refused_before_any_password_is_tried(
    identity: Identity, body: dict[str, object], error: tuple[str, str]
) -> None:
    response = await identity.ask(None, "POST", "/sign-in", body)
    assert refusal(response) == (422, "validation-failed", [error])
    assert str(PASSWORD) not in response.text


def claims_of(tokens: dict[str, Any]) -> dict[str, Any]:
    """What the access token says; whether it is genuine is tested elsewhere."""
    body = tokens["access_token"].split(".")[1]
    return msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=dict[str, Any])


def jwt_header(token: str) -> dict[str, str]:
    head = token.split(".", maxsplit=1)[0]
    return msgspec.json.decode(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)), type=dict[str, str])
