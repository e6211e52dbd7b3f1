"""One kind of token handed in for another, and tokens made up from parts of good ones: none opens anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.component.identity.conftest import good, refusal
from tests.component.identity_openid.conftest import CALLBACK, RelyingParty
from tests.support.tokens import TestKey, an_actor

from cec_chassis.ids import new_id

ADMINISTRATOR = an_actor("system_administrator")


def packed(content: Any) -> str:
    raw = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Header, claims and signature of a good token."""
    header, claims, signature = token.split(".")
    return _unpacked(header), _unpacked(claims), signature


def signed(key: TestKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """By the real key, whatever the header says about it; by hand, for no library would sign some of this."""
    private = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(key.jwk["d"] + "="))
    part = f"{packed({'alg': 'EdDSA', **header})}.{packed(claims)}"
    return f"{part}.{packed(private.sign(part.encode()))}"


def _unpacked(part: str) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(part + "=="))
    return told


def forged(good_token: str, key: TestKey) -> dict[str, str]:
    """What is wrong with it: the token. Each is right in everything else."""
    header, claims, signature = parts_of(good_token)
    _, said, _ = good_token.split(".")
    stranger = TestKey()
    public = base64.urlsafe_b64decode(key.jwk["x"] + "=")

    def hs256(secret: bytes) -> str:
        part = f"{packed({**header, 'alg': 'HS256'})}.{said}"
        return f"{part}.{packed(hmac.digest(secret, part.encode(), hashlib.sha256))}"

    by_stranger: Callable[..., str] = lambda **more: signed(stranger, {**header, **more}, claims)  # noqa: E731
    return {
        "alg none": f"{packed({**header, 'alg': 'none'})}.{said}.",
        "alg None with a signature": f"{packed({**header, 'alg': 'None'})}.{said}.{signature}",
        "HS256 with the public key": hs256(public),
        "HS256 with the public key as text": hs256(key.jwk["x"].encode()),
        "HS256 with the kid": hs256(key.kid.encode()),
        "kid of a file": signed(key, {**header, "kid": "../../../../dev/null"}, claims),
        "kid of a query": signed(key, {**header, "kid": f"{key.kid}' OR '1'='1"}, claims),
        "kid of NUL": signed(key, {**header, "kid": f"{key.kid}\0"}, claims),
        "no kid": signed(key, {name: header[name] for name in ("typ",)}, claims),
        "its own key in the header": by_stranger(jwk=stranger.public_jwk),
        "an address of keys in the header": by_stranger(jku="https://evil.example/jwks.json"),
        "a certificate in the header": by_stranger(x5u="https://evil.example/cert.pem"),
        "something critical that nobody knows": signed(key, {**header, "crit": ["exp"]}, claims),
        "typ JWT": signed(key, {**header, "typ": "JWT"}, claims),
        "no typ": signed(key, {"kid": key.kid}, claims),
        "another audience": signed(key, header, {**claims, "aud": "another-system"}),
        "another issuer": signed(key, header, {**claims, "iss": "http://127.0.0.1:8080/api/v1/identity"}),
        "a role that is a list": signed(key, header, {**claims, "role": ["system_administrator"]}),
        "sub that is no id": signed(key, header, {**claims, "sub": "' OR 1=1"}),
        "claims of another under this signature": f"{packed(header)}.{packed({**claims, 'sub': new_id()})}.{signature}",
        "not valid yet": signed(key, header, {**claims, "nbf": claims["nbf"] + 3600}),
        "too long": f"{good_token}{'A' * 5000}",
        "encrypted": f"{good_token}.e30.e30",
    }


async def opens(party: RelyingParty, token: str) -> httpx.Response:
    return await party.identity.with_token(token, "/clients")


async def test_no_made_up_token_opens_anything(party: RelyingParty) -> None:
    key = party.identity.key
    genuine = key.token(ADMINISTRATOR, now=party.identity.clock.now())
    assert (await opens(party, genuine)).status_code == 200, "else everything below would pass for a wrong reason"
    header, claims, _ = parts_of(genuine)
    assert (await opens(party, signed(key, header, claims))).status_code == 200
    for wrong, token in forged(genuine, key).items():
        answer = await opens(party, token)
        assert refusal(answer)[:2] == (401, "token-invalid"), wrong
    past = key.token(ADMINISTRATOR, now=party.identity.clock.now() - timedelta(hours=1))
    assert refusal(await opens(party, past))[:2] == (401, "token-expired")


async def test_no_token_passes_for_one_of_another_kind(party: RelyingParty) -> None:
    """What one place gives out is good at one place."""
    signed_in = good(await party.identity.sign_in())
    code = await party.code()
    tokens = good(await party.redeem(await party.code()))
    for kind, token in {
        "an ID token": tokens["id_token"],
        "a client's refresh token": tokens["refresh_token"],
        "a refresh token": signed_in["refresh_token"],
        "a code": code,
        "a secret": party.secret or "",
    }.items():
        assert refusal(await opens(party, token))[:2] == (401, "token-invalid"), kind
    for kind, token in {
        "an access token": tokens["access_token"],
        "an ID token": tokens["id_token"],
        "a person's refresh token": signed_in["refresh_token"],
        "a code": code,
    }.items():
        assert (await party.refresh(token)).json()["error"] == "invalid_grant", kind
        assert (await party.redeem(token if kind != "a code" else tokens["refresh_token"])).json()["error"] == (
            "invalid_grant"
        ), kind
    for kind, token in {"a client's refresh token": tokens["refresh_token"], "a code": code}.items():
        assert refusal(await party.identity.refresh(token))[:2] == (401, "refresh-token-invalid"), kind
    # and all of them are still good where they belong
    assert good(await party.redeem(code, redirect_uri=CALLBACK))["access_token"]
    assert good(await party.refresh(tokens["refresh_token"]))["access_token"]
    assert good(await party.identity.refresh(signed_in["refresh_token"]))["access_token"]


async def test_the_token_of_an_application_does_no_more_than_its_scopes(party: RelyingParty) -> None:
    """Though the person behind it is a system administrator."""
    tokens = await party.tokens(scope="openid profile credits:read")
    assert good(await party.userinfo(tokens["access_token"]))["role"] == "system_administrator"
    for method, path in (
        ("GET", "/clients"),
        ("POST", "/clients"),
        ("GET", "/accounts"),
        ("POST", "/signing-keys/rotate"),
        ("GET", "/organisations"),
        ("GET", "/sessions"),
        ("POST", "/oauth/authorize"),
    ):
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        answer = await party.identity.client.request(method, path, headers=headers)
        assert refusal(answer)[:2] == (403, "forbidden"), path
