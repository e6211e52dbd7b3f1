"""Which access tokens let somebody in: those of a trusted key, for us, now, and no others."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from tests.support.tokens import AUDIENCE, ISSUER, TestKey, an_actor

from cec_chassis.clock import FixedClock
from cec_chassis.context import Actor
from cec_chassis.ids import new_id
from cec_chassis.problems import Refusal, TokenExpired, TokenInvalid
from cec_chassis.tokens import AccessTokenClaims, KeyRing, SigningKey, TokenVerifier, sign_access_token

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = TestKey()
ACTOR = Actor(
    account_id=new_id(),
    role="offering_unit",
    name="社團法人中華民國牙體技術師公會",
    organisation_id=new_id(),
    practitioner_id=None,
    scopes=("roster:write", "activity:write"),
)


class Ring:
    """A verifier whose keys the test changes, and which counts how often they were read."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = list(keys)
        self.reads = 0
        self.time = 1000.0
        self.clock = FixedClock(NOW)
        self.ring = KeyRing(self.load, self.clock, monotonic=lambda: self.time)
        self.verifier = TokenVerifier(self.ring, issuer=ISSUER, audience=AUDIENCE, clock=self.clock, remembered=3)

    async def load(self) -> list[SigningKey]:
        self.reads += 1
        return self.keys

    async def verify(self, token: str | bytes) -> Actor:
        return await self.verifier.verify(token.encode() if isinstance(token, str) else token)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims_with(**changes: Any) -> dict[str, Any]:
    claims = AccessTokenClaims.of(ACTOR, issuer=ISSUER, audience=AUDIENCE, now=NOW)
    return {**msgspec.to_builtins(claims), **changes}


def signed(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    text = f"{b64(msgspec.json.encode(header))}.{b64(msgspec.json.encode(claims))}"
    return f"{text}.{b64(sign(text.encode()))}"


def by_key(key: TestKey) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = base64.urlsafe_b64decode(key.jwk["d"] + "=" * (-len(key.jwk["d"]) % 4))
    return Ed25519PrivateKey.from_private_bytes(raw).sign


GOOD_HEADER = {"alg": "EdDSA", "typ": "at+jwt", "kid": KEY.kid}


async def test_a_good_token_names_its_caller_completely() -> None:
    ring = Ring(KEY.signing_key())
    assert await ring.verify(KEY.token(ACTOR, now=NOW)) == ACTOR


async def test_a_hand_made_good_token_is_good_so_that_the_bad_ones_below_are_bad_for_their_reason() -> None:
    ring = Ring(KEY.signing_key())
    assert await ring.verify(signed(GOOD_HEADER, claims_with(), by_key(KEY))) == ACTOR
    assert await ring.verify(signed(GOOD_HEADER, claims_with(aud=["else", AUDIENCE]), by_key(KEY))) == ACTOR


@pytest.mark.parametrize(
    ("why", "header", "changes"),
    [
        ("other issuer", {}, {"iss": "somebody"}),
        ("other audience", {}, {"aud": "elsewhere"}),
        ("no expiry", {}, {"exp": None}),
        ("expiry is no number", {}, {"exp": "2030"}),
        ("not yet", {}, {"nbf": int(NOW.timestamp()) + 60}),
        ("issued in the future", {}, {"iat": int(NOW.timestamp()) + 60}),
        ("subject is no account", {}, {"sub": "root"}),
        ("no role", {}, {"role": None}),
        ("an id token, not an access token", {"typ": "JWT"}, {}),
        ("no kid", {"kid": None}, {}),
        ("unknown critical header", {"crit": ["x"], "x": 1}, {}),
    ],
)
async def test_a_genuine_signature_is_not_enough(why: str, header: dict[str, Any], changes: dict[str, Any]) -> None:
    ring = Ring(KEY.signing_key())
    with pytest.raises(TokenInvalid):
        await ring.verify(signed({**GOOD_HEADER, **header}, claims_with(**changes), by_key(KEY)))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "iat", "nbf", "exp", "role"])
async def test_every_needed_claim_is_needed(claim: str) -> None:
    ring = Ring(KEY.signing_key())
    claims = claims_with()
    del claims[claim]
    with pytest.raises(TokenInvalid):
        await ring.verify(signed(GOOD_HEADER, claims, by_key(KEY)))


async def test_alg_none_is_refused() -> None:
    ring = Ring(KEY.signing_key())
    for alg in ("none", "None", "NONE"):
        with pytest.raises(TokenInvalid):
            await ring.verify(signed({**GOOD_HEADER, "alg": alg}, claims_with(), lambda _: b""))


async def test_a_public_key_used_as_hmac_secret_is_refused() -> None:
    ring = Ring(KEY.signing_key())
    public = base64.urlsafe_b64decode(KEY.public_jwk["x"] + "=")
    token = signed({**GOOD_HEADER, "alg": "HS256"}, claims_with(), lambda text: hmac.new(public, text, sha256).digest())
    with pytest.raises(TokenInvalid):
        await ring.verify(token)


async def test_a_foreign_key_under_our_kid_is_refused() -> None:
    ring = Ring(KEY.signing_key())
    foreign = TestKey(kid=KEY.kid)
    with pytest.raises(TokenInvalid):
        await ring.verify(foreign.token(ACTOR, now=NOW))


async def test_a_changed_body_is_refused() -> None:
    ring = Ring(KEY.signing_key())
    head, body, signature = KEY.token(ACTOR, now=NOW).split(".")
    other = b64(msgspec.json.encode(claims_with(role="system_administrator")))
    assert body != other
    with pytest.raises(TokenInvalid):
        await ring.verify(f"{head}.{other}.{signature}")


@pytest.mark.parametrize("text", [b"", b".", b"..", b"a.b.c", b"\xff\xfe", b"x" * 5000, b"e30.e30.", "憑證".encode()])
async def test_what_is_no_token_is_refused(text: bytes) -> None:
    ring = Ring(KEY.signing_key())
    with pytest.raises(TokenInvalid):
        await ring.verify(text)


async def test_a_token_expires_also_when_its_verdict_is_remembered() -> None:
    ring = Ring(KEY.signing_key())
    token = KEY.token(ACTOR, now=NOW, lifetime=timedelta(minutes=10))
    await ring.verify(token)
    ring.clock.advance(timedelta(minutes=9, seconds=59))
    await ring.verify(token)
    ring.clock.advance(timedelta(seconds=1))
    for _ in range(2):
        with pytest.raises(TokenExpired):
            await ring.verify(token)


async def test_an_expired_token_of_a_foreign_key_is_invalid_and_not_merely_expired() -> None:
    ring = Ring(KEY.signing_key())
    with pytest.raises(TokenInvalid):
        await ring.verify(TestKey(kid=KEY.kid).token(ACTOR, now=NOW - timedelta(days=1)))


async def test_a_remembered_verdict_falls_when_its_key_is_taken_away() -> None:
    ring = Ring(KEY.signing_key())
    token = KEY.token(ACTOR, now=NOW, lifetime=timedelta(hours=1))
    await ring.verify(token)
    ring.keys = [TestKey().signing_key()]
    await ring.verify(token)  # still trusted: nobody has looked
    ring.time += 60
    with pytest.raises(TokenInvalid):
        await ring.verify(token)


async def test_only_so_many_verdicts_are_remembered() -> None:
    ring = Ring(KEY.signing_key())
    tokens = [KEY.token(an_actor("practitioner"), now=NOW) for _ in range(5)]
    for token in tokens:
        await ring.verify(token)
    assert len(ring.verifier._verdicts) == 3
    assert (await ring.verify(tokens[0])).role == "practitioner"


async def test_key_rotation_lets_old_and_new_tokens_in_until_the_old_key_retires() -> None:
    old, new = TestKey(), TestKey()
    ring = Ring(old.signing_key(status="retired", retires_at=NOW + timedelta(minutes=10)), new.signing_key())
    of_old = old.token(ACTOR, now=NOW, lifetime=timedelta(hours=1))
    assert await ring.verify(of_old) == ACTOR
    assert await ring.verify(new.token(ACTOR, now=NOW)) == ACTOR
    ring.clock.advance(timedelta(minutes=10))
    with pytest.raises(TokenInvalid):
        await ring.verify(old.token(an_actor("practitioner"), now=NOW, lifetime=timedelta(hours=1)))


async def test_a_key_does_not_count_before_its_time() -> None:
    early = TestKey()
    ring = Ring(early.signing_key(status="next", not_before=NOW + timedelta(hours=1)))
    with pytest.raises(TokenInvalid):
        await ring.verify(early.token(ACTOR, now=NOW))
    ring.clock.advance(timedelta(hours=1))
    assert await ring.verify(early.token(ACTOR, now=ring.clock.now())) == ACTOR


async def test_signing_writes_what_verifying_reads() -> None:
    claims = AccessTokenClaims.of(ACTOR, issuer=ISSUER, audience=AUDIENCE, now=NOW)
    token = sign_access_token(claims, kid=KEY.kid, private_jwk=KEY.jwk)
    assert await Ring(KEY.signing_key()).verify(token) == claims.actor() == ACTOR


def test_refusals_of_tokens_are_all_401() -> None:
    assert {kind.status for kind in (TokenExpired, TokenInvalid)} == {401}
    assert issubclass(TokenExpired, Refusal)
