"""Passkeys by real ceremonies: the bytes are those of an authenticator, only its key lies in this process."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.component.identity.authenticator import Authenticator
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity.test_sign_in import claims_of


class Owner:
    """Somebody who is signed in by password and has an authenticator."""

    def __init__(self, identity: Identity, tokens: dict[str, Any]) -> None:
        self.identity = identity
        self.tokens = tokens

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return await self.identity.ask(None, method, path, body, headers)

    async def options(self) -> dict[str, Any]:
        found: dict[str, Any] = good(await self.ask("POST", "/passkeys/options"))["public_key"]
        return found

    async def register(self, authenticator: Authenticator, label: str = "我的手機") -> dict[str, Any]:
        credential = authenticator.create(await self.options())
        return good(await self.ask("POST", "/passkeys", {"label": label, "credential": credential}), 201)


@pytest.fixture
async def owner(identity: Identity) -> Owner:
    return Owner(identity, good(await identity.sign_in()))


async def challenge(identity: Identity) -> dict[str, Any]:
    found: dict[str, Any] = good(await identity.ask(None, "POST", "/sign-in/passkey/options"))["public_key"]
    return found


async def enter(identity: Identity, credential: dict[str, Any]) -> httpx.Response:
    return await identity.ask(None, "POST", "/sign-in/passkey", {"credential": credential})


async def test_a_passkey_signs_in_without_name_and_password(identity: Identity, owner: Owner) -> None:
    authenticator = Authenticator()
    registered = await owner.register(authenticator)
    assert (registered["label"], registered["backed_up"], registered["last_used_at"]) == ("我的手機", False, None)
    options = await challenge(identity)
    assert (options["userVerification"], options.get("allowCredentials", [])) == ("required", [])
    tokens = good(await enter(identity, authenticator.get(options)))
    assert tokens["account_id"] == owner.tokens["account_id"]
    assert claims_of(tokens)["amr"] == ["pop", "user", "mfa"]
    listed = good(await owner.ask("GET", "/passkeys"))["items"]
    assert [each["suspended"] for each in listed] == [False]
    assert listed[0]["last_used_at"]
    kept = await identity.rows("SELECT sign_count, public_key FROM passkeys")
    assert kept[0].sign_count == 1


async def test_a_signed_answer_is_good_once_and_for_five_minutes(identity: Identity, owner: Owner) -> None:
    authenticator = Authenticator()
    await owner.register(authenticator)
    answer = authenticator.get(await challenge(identity))
    good(await enter(identity, answer))
    assert refusal(await enter(identity, answer))[:2] == (401, "challenge-invalid")
    late = authenticator.get(await challenge(identity))
    identity.clock.advance(timedelta(minutes=5))
    assert refusal(await enter(identity, late))[:2] == (401, "challenge-invalid")
    at_once = authenticator.get(await challenge(identity))
    answers = await asyncio.gather(*(enter(identity, at_once) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]


async def test_a_challenge_is_used_up_by_a_wrong_answer(identity: Identity, owner: Owner) -> None:
    authenticator = Authenticator()
    await owner.register(authenticator)
    options = await challenge(identity)
    assert refusal(await enter(identity, Authenticator(rp_id="localhost").get(options)))[1] == "passkey-refused"
    assert refusal(await enter(identity, authenticator.get(options)))[1] == "challenge-invalid"


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8080.evil.example"},
        {"rp_id": "evil.example"},
        {"verifies": False},
    ],
)
async def test_what_was_signed_elsewhere_or_without_its_owner_is_refused(
    identity: Identity, owner: Owner, changes: dict[str, Any]
) -> None:
    good_one = Authenticator()
    await owner.register(good_one)
    for name, value in changes.items():
        setattr(good_one, name, value)
    assert refusal(await enter(identity, good_one.get(await challenge(identity))))[:2] == (401, "passkey-refused")
    bad_one = Authenticator(**changes)
    credential = bad_one.create(await owner.options())
    answer = await owner.ask("POST", "/passkeys", {"label": "x", "credential": credential})
    assert refusal(answer)[:2] == (422, "passkey-not-accepted")


@pytest.mark.parametrize(
    ("changes", "error", "next_step"),
    [
        ({"origin": "http://127.0.0.1:8080"}, ("clientDataJSON", "wrong-origin"), "open http://localhost:8080"),
        ({"rp_id": "evil.example"}, ("attestationObject", "wrong-domain"), "make one for localhost"),
        ({"verifies": False}, ("attestationObject", "not-verified"), "set up a PIN"),
    ],
)
async def test_who_cannot_register_a_passkey_reads_why_and_what_to_do(
    owner: Owner, changes: dict[str, Any], error: tuple[str, str], next_step: str
) -> None:
    credential = Authenticator(**changes).create(await owner.options())
    answer = await owner.ask("POST", "/passkeys", {"label": "x", "credential": credential})
    part, slug = error
    assert refusal(answer) == (422, "passkey-not-accepted", [(f"body.credential.response.{part}", slug)])
    assert next_step in answer.json()["detail"]


async def test_a_signature_of_another_key_and_a_foreign_owner_are_refused(identity: Identity, owner: Owner) -> None:
    authenticator = Authenticator()
    await owner.register(authenticator)
    forged = Authenticator(credential_id=authenticator.credential_id, user_handle=authenticator.user_handle)
    assert refusal(await enter(identity, forged.get(await challenge(identity))))[1] == "passkey-refused"
    authenticator.user_handle = b"\x00" * 16
    assert refusal(await enter(identity, authenticator.get(await challenge(identity))))[1] == "passkey-refused"
    history = await identity.rows("SELECT outcome FROM sign_in_history WHERE methods = '{pop,user,mfa}'")
    assert [row.outcome for row in history] == ["refused", "refused"]


async def test_a_copied_passkey_is_refused_suspended_and_audited(identity: Identity, owner: Owner) -> None:
    original = Authenticator()
    await owner.register(original)
    good(await enter(identity, original.get(await challenge(identity))))
    copied = original.copy()
    good(await enter(identity, original.get(await challenge(identity))))
    assert refusal(await enter(identity, copied.get(await challenge(identity))))[:2] == (401, "passkey-suspended")
    # nobody can tell which of the two is the thief's
    assert refusal(await enter(identity, original.get(await challenge(identity))))[1] == "passkey-suspended"
    assert (await identity.audited()).count("passkey.suspended") == 1
    assert good(await owner.ask("GET", "/passkeys"))["items"][0]["suspended"]


async def test_a_stranger_cannot_suspend_a_passkey(identity: Identity, owner: Owner) -> None:
    original = Authenticator(sign_count=7)
    await owner.register(original)
    forged = Authenticator(credential_id=original.credential_id, user_handle=original.user_handle)
    assert refusal(await enter(identity, forged.get(await challenge(identity))))[1] == "passkey-refused"
    good(await enter(identity, original.get(await challenge(identity))))


async def test_a_passkey_that_is_copied_by_design_does_not_count(identity: Identity, owner: Owner) -> None:
    synced = Authenticator(counts=False)
    assert (await owner.register(synced))["backed_up"]
    for _ in range(2):
        good(await enter(identity, synced.get(await challenge(identity))))


async def test_only_ones_own_challenge_registers_and_only_once(identity: Identity, owner: Owner) -> None:
    await identity.account("another-one")
    other = Owner(identity, good(await identity.sign_in("another-one")))
    credential = Authenticator().create(await owner.options())
    answer = await other.ask("POST", "/passkeys", {"label": "x", "credential": credential})
    assert refusal(answer)[:2] == (401, "challenge-invalid")
    authenticator = Authenticator()
    await owner.register(authenticator)
    again = authenticator.create(await other.options())
    assert refusal(await other.ask("POST", "/passkeys", {"label": "x", "credential": again}))[:2] == (
        409,
        "passkey-registered",
    )
    signing_in = authenticator.create(
        {**(await owner.options()), "challenge": (await challenge(identity))["challenge"]}
    )
    answer = await owner.ask("POST", "/passkeys", {"label": "x", "credential": signing_in})
    assert refusal(answer)[1] == "challenge-invalid"


async def test_a_disabled_account_and_a_removed_passkey_open_nothing(identity: Identity) -> None:
    account = await identity.account("another-one")
    other = Owner(identity, good(await identity.sign_in("another-one")))
    first, second = Authenticator(), Authenticator()
    removed = await other.register(first)
    await other.register(second, "另一支")
    assert (await other.ask("DELETE", f"/passkeys/{removed['passkey_id']}")).status_code == 204
    assert refusal(await enter(identity, first.get(await challenge(identity))))[1] == "passkey-refused"
    path = f"/accounts/{account['account_id']}/disable"
    good(await identity.ask(identity.administrator, "POST", path, {"reason": "離職"}))
    assert refusal(await enter(identity, second.get(await challenge(identity))))[:2] == (403, "account-disabled")


async def test_passkeys_are_renamed_by_their_owner_only(identity: Identity, owner: Owner) -> None:
    passkey = (await owner.register(Authenticator()))["passkey_id"]
    assert good(await owner.ask("PUT", f"/passkeys/{passkey}", {"label": "辦公室"}))["label"] == "辦公室"
    assert refusal(await owner.ask("PUT", f"/passkeys/{passkey}", {"label": "a\u202eb"}))[0] == 422
    await identity.account("another-one")
    other = Owner(identity, good(await identity.sign_in("another-one")))
    assert (await other.ask("PUT", f"/passkeys/{passkey}", {"label": "x"})).status_code == 404
    assert (await other.ask("DELETE", f"/passkeys/{passkey}")).status_code == 404
    assert good(await other.ask("GET", "/passkeys"))["items"] == []


async def test_registering_and_removing_need_a_fresh_sign_in(identity: Identity, owner: Owner) -> None:
    passkey = (await owner.register(Authenticator()))["passkey_id"]
    identity.clock.advance(timedelta(minutes=9, seconds=59))
    refreshed = good(await identity.refresh(owner.tokens["refresh_token"]))
    identity.clock.advance(timedelta(seconds=2))
    later = Owner(identity, refreshed)
    for method, path in (("POST", "/passkeys/options"), ("DELETE", f"/passkeys/{passkey}")):
        assert refusal(await later.ask(method, path))[:2] == (401, "fresh-sign-in-needed")
    good(await later.ask("GET", "/passkeys"))


@pytest.mark.parametrize(
    "response",
    [
        {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"},
        {"clientDataJSON": "_w", "authenticatorData": "AA", "signature": "AA"},
        {"clientDataJSON": "eyJjaGFsbGVuZ2UiOjF9", "authenticatorData": "AA", "signature": "AA"},
    ],
)
async def test_rubbish_is_refused_quietly(identity: Identity, response: dict[str, str]) -> None:
    credential = {"id": "AA", "rawId": "AA", "type": "public-key", "response": response}
    assert refusal(await enter(identity, credential))[:2] == (401, "challenge-invalid")


async def test_broken_bytes_under_a_good_challenge_are_refused(identity: Identity, owner: Owner) -> None:
    authenticator = Authenticator()
    await owner.register(authenticator)
    for part in ("authenticatorData", "signature"):
        answer = authenticator.get(await challenge(identity))
        answer["response"][part] = "AA"
        assert refusal(await enter(identity, answer))[1] == "passkey-refused"
    credential = Authenticator().create(await owner.options())
    credential["response"]["attestationObject"] = "AAAA"
    refused = await owner.ask("POST", "/passkeys", {"label": "x", "credential": credential})
    assert refusal(refused)[1] == "passkey-not-accepted"
