"""Tokens of machine accounts: how they are asked for, what they open, and what they do not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import msgspec
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity_openid.conftest import a_machine, registered

from cec_chassis.ids import new_id

ISSUER = "http://127.0.0.1:8080/api/v1/identity"
SIGNER = OKPKey.generate_key("Ed25519")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def ask(identity: Identity, client: dict[str, Any], **form: str) -> httpx.Response:
    """For a token, by Basic."""
    auth = (client["client_id"], client["client_secret"])
    return await identity.client.post("/oauth/token", data={"grant_type": "client_credentials", **form}, auth=auth)


def claims_of(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(jws.extract_compact(token.encode()).payload or b"")
    return decoded


async def test_a_token_says_who_asks_for_whom_and_what_it_may(identity: Identity) -> None:
    organisation = await identity.organisation()
    client = await registered(identity, a_machine(organisation_id=organisation["organisation_id"]))
    answer = await ask(identity, client)
    told = good(answer)
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "credits:read rules:read")
    assert "refresh_token" not in told
    assert answer.headers["Cache-Control"] == "no-store"
    said = claims_of(told["access_token"])
    assert said["role"] == "other_system"
    assert said["sub"] == said["client_id"] == client["client_id"]
    assert said["organisation_id"] == organisation["organisation_id"]
    assert (said["scope"], said["aud"]) == ("credits:read rules:read", "cec")
    assert (await identity.audited())[-1] == "client.token_issued"


async def test_the_secret_may_be_sent_in_the_form(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    form = {name: client[name] for name in ("client_id", "client_secret")}
    good(await identity.client.post("/oauth/token", data={"grant_type": "client_credentials", **form}))


async def test_scopes_are_narrowed_and_never_widened(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    assert good(await ask(identity, client, scope="rules:read"))["scope"] == "rules:read"
    for wider in ("rules:read organisations:read", "openid", "*"):
        answer = await ask(identity, client, scope=wider)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_a_token_opens_what_its_scope_is_for_and_nothing_else(identity: Identity) -> None:
    client = await registered(identity, a_machine(scopes=["organisations:read", "rules:read"]))
    with_it = good(await ask(identity, client, scope="organisations:read"))["access_token"]
    without = good(await ask(identity, client, scope="rules:read"))["access_token"]
    assert (await identity.with_token(with_it, "/organisations")).status_code == 200
    assert refusal(await identity.with_token(without, "/organisations"))[:2] == (403, "forbidden")
    for path in ("/clients", "/accounts", "/portal/applications", "/oauth/userinfo"):
        assert refusal(await identity.with_token(with_it, path))[:2] == (403, "forbidden")


async def test_a_token_for_another_audience_opens_nothing_here(identity: Identity) -> None:
    client = await registered(
        identity, a_machine(scopes=["organisations:read"], audiences=["cec", "https://other.example"])
    )
    ours = good(await ask(identity, client))["access_token"]
    theirs = good(await ask(identity, client, resource="https://other.example"))["access_token"]
    assert claims_of(theirs)["aud"] == "https://other.example"
    assert (await identity.with_token(ours)).status_code == 200
    assert refusal(await identity.with_token(theirs))[:2] == (401, "token-invalid")
    answer = await ask(identity, client, audience="https://third.example")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")


async def test_a_token_is_over_after_ten_minutes(identity: Identity) -> None:
    client = await registered(identity, a_machine(scopes=["organisations:read"]))
    token = good(await ask(identity, client))["access_token"]
    identity.clock.advance(timedelta(minutes=10))
    assert refusal(await identity.with_token(token))[:2] == (401, "token-expired")


async def test_a_wrong_secret_and_an_unknown_client_are_answered_alike(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    for unlike in ({"client_secret": "cec_wrong"}, {"client_id": str(new_id())}, {"client_id": "nobody"}):
        answer = await ask(identity, {**client, **unlike})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


# Clients that sign: RFC 7523.


async def signing_client(identity: Identity, key: Any = SIGNER) -> dict[str, Any]:
    keys = {"keys": [key.as_dict(private=False)]}
    return await registered(identity, a_machine(authentication="private_key_jwt", public_keys=keys))


def assertion(identity: Identity, client: dict[str, Any], key: Any = SIGNER, alg: str = "EdDSA", **changes: Any) -> str:
    at = int(identity.clock.now().timestamp())
    usual = {
        "iss": client["client_id"],
        "sub": client["client_id"],
        "aud": ISSUER,
        "exp": at + 60,
        "jti": str(new_id()),
    }
    said = {name: value for name, value in {**usual, **changes}.items() if value is not None}
    return jwt.encode({"alg": alg}, said, key, algorithms=[alg])


async def ask_signed(identity: Identity, signed: str, **form: str) -> httpx.Response:
    data = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": signed, **form}
    return await identity.client.post("/oauth/token", data=data)


async def test_a_client_that_signs_gets_a_token_once_for_each_assertion(identity: Identity) -> None:
    client = await signing_client(identity)
    signed = assertion(identity, client)
    assert good(await ask_signed(identity, signed))["scope"] == "credits:read rules:read"
    again = await ask_signed(identity, signed)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    good(await ask_signed(identity, assertion(identity, client, aud=f"{ISSUER}/oauth/token")))


async def test_a_client_may_sign_with_another_curve(identity: Identity) -> None:
    key = ECKey.generate_key("P-256")
    client = await signing_client(identity, key)
    good(await ask_signed(identity, assertion(identity, client, key, "ES256")))


async def test_an_assertion_that_is_wrong_in_one_thing_is_refused(identity: Identity) -> None:
    client = await signing_client(identity)
    other = await registered(identity, a_machine(name="另一系統"))
    at = int(identity.clock.now().timestamp())
    public = OctKey.import_key(msgspec.json.encode(SIGNER.as_dict(private=False)))
    wrong = {
        "another key": assertion(identity, client, OKPKey.generate_key("Ed25519")),
        "HS256 with the public key": assertion(identity, client, public, "HS256"),
        "another audience": assertion(identity, client, aud="https://elsewhere.example"),
        "no audience": assertion(identity, client, aud=None),
        "expired": assertion(identity, client, exp=at - 60),
        "no end": assertion(identity, client, exp=None),
        "for a day": assertion(identity, client, exp=at + 86_400),
        "no jti": assertion(identity, client, jti=None),
        "a long jti": assertion(identity, client, jti="x" * 300),
        "another issuer": assertion(identity, client, iss=other["client_id"]),
        "another client": assertion(identity, client, iss=other["client_id"], sub=other["client_id"]),
        "an unknown client": assertion(identity, client, iss=str(new_id()), sub=str(new_id())),
        "no jwt": "nonsense",
        "no json": "e30.bm8.x",
        "nested too deeply": f"e30.{'W1tb' * 900}.x",
        "cut short": assertion(identity, client)[:-6],
    }
    for what, signed in wrong.items():
        answer = await ask_signed(identity, signed)
        assert (answer.status_code, answer.json()["error"]) in {(400, "invalid_client"), (401, "invalid_client")}, what
