"""How often the keys are read: when needed, when old, when a new one turns up, and never in a flood."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from tests.support.tokens import TestKey

from cec_chassis.clock import FixedClock
from cec_chassis.problems import TemporarilyUnavailable
from cec_chassis.tokens import KeyRing, SigningKey

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Source:
    """Where keys are read from; may be away."""

    def __init__(self, *keys: TestKey) -> None:
        self.keys = [key.signing_key() for key in keys]
        self.reads = 0
        self.away = False
        self.time = 50.0
        self.ring = KeyRing(self.load, FixedClock(NOW), monotonic=lambda: self.time)

    async def load(self) -> list[SigningKey]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionRefusedError("database is away")
        return list(self.keys)


async def test_nothing_is_read_until_a_token_comes() -> None:
    assert Source(TestKey()).reads == 0


async def test_a_known_key_is_read_once_a_minute() -> None:
    key = TestKey()
    source = Source(key)
    for _ in range(100):
        assert await source.ring.find(key.kid) is not None
    assert source.reads == 1
    source.time += 60
    await source.ring.find(key.kid)
    assert source.reads == 2


async def test_a_key_that_has_just_been_made_is_found_after_a_second() -> None:
    first, second = TestKey(), TestKey()
    source = Source(first)
    await source.ring.find(first.kid)
    source.keys.append(second.signing_key())
    assert await source.ring.find(second.kid) is None
    source.time += 1
    assert await source.ring.find(second.kid) is not None
    assert source.reads == 2


async def test_a_flood_of_unknown_keys_is_no_flood_of_reads() -> None:
    source = Source(TestKey())
    for step in range(1000):
        source.time = 50 + step / 250
        assert await source.ring.find(f"unknown-{step}") is None
    assert source.reads <= 5


async def test_many_at_once_cause_one_read() -> None:
    key = TestKey()
    source = Source(key)
    found = await asyncio.gather(*(source.ring.find(key.kid) for _ in range(50)))
    assert all(found)
    assert source.reads == 1


async def test_keys_in_hand_outlive_a_database_that_is_away() -> None:
    key = TestKey()
    source = Source(key)
    await source.ring.find(key.kid)
    source.away = True
    source.time += 3600
    assert await source.ring.find(key.kid) is not None
    reads = source.reads
    assert await source.ring.find(key.kid) is not None
    assert source.reads == reads  # not once per request


async def test_without_any_key_nobody_can_be_judged_and_the_database_is_asked_once_a_second() -> None:
    key = TestKey()
    source = Source(key)
    source.away = True
    for _ in range(20):
        with pytest.raises(TemporarilyUnavailable):
            await source.ring.find(key.kid)
    assert source.reads == 1
    source.away = False
    source.time += 1
    assert await source.ring.find(key.kid) is not None


async def test_a_key_of_another_kind_is_left_out_and_the_rest_works() -> None:
    good = TestKey()
    source = Source(good)
    source.keys += [
        SigningKey(kid="rsa", public_jwk={"kty": "RSA", "n": "…", "e": "AQAB"}, status="current", not_before=NOW),
        SigningKey(kid="bad", public_jwk={"kty": "OKP", "crv": "Ed25519"}, status="current", not_before=NOW),
        SigningKey(
            kid="worse", public_jwk={"kty": "OKP", "crv": "Ed25519", "x": "AA"}, status="current", not_before=NOW
        ),
    ]
    assert await source.ring.find(good.kid) is not None
    assert [await source.ring.find(kid) for kid in ("rsa", "bad", "worse")] == [None, None, None]


async def test_the_generation_grows_only_when_the_keys_changed() -> None:
    key = TestKey()
    source = Source(key)
    await source.ring.look_again()
    first = source.ring.generation
    source.time += 1
    await source.ring.look_again()
    assert source.ring.generation == first
    source.keys.clear()
    source.time += 1
    await source.ring.look_again()
    assert source.ring.generation == first + 1
