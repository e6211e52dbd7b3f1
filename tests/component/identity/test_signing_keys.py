"""Signing keys: made once, sealed at rest, rotated without a gap, told to everybody as a whole set."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from tests.component.identity.conftest import Identity, good, refusal, settings_for
from tests.conftest import MakeDatabase
from tests.support.one_service import NOON
from tests.support.tokens import an_actor

from cec_chassis.clock import FixedClock
from cec_chassis.database import Database
from cec_identity.sealing import CannotUnseal
from cec_identity.signing_keys.prepare_signing_keys import prepare_signing_keys
from cec_identity.vault import Vault

SETTLE = timedelta(seconds=10)
CHANGED = "cec.identity.signing_keys_changed.v1"


async def rotate(identity: Identity) -> httpx.Response:
    return await identity.ask(identity.administrator, "POST", "/signing-keys/rotate", {"reason": "定期更換"})


async def test_two_processes_that_start_at_once_make_one_set(make_database: MakeDatabase) -> None:
    url = await make_database("identity")
    sealer = Vault.of(settings_for(url)).signing_keys
    databases = [Database(url, FixedClock(NOON)) for _ in range(3)]
    await asyncio.gather(*(prepare_signing_keys(database, sealer, SETTLE) for database in databases))
    async with databases[0].reading() as tx:
        statuses = [row.status for row in await tx.all("SELECT status FROM signing_key_pairs ORDER BY status")]
        told = await tx.all("SELECT subject, sequence FROM outbox WHERE type = :type", type=CHANGED)
        kept = await tx.all("SELECT kid, status FROM signing_keys ORDER BY status")
    assert statuses == ["current", "next"]
    assert [(row.subject, row.sequence) for row in told] == [("signing-keys", 1)]
    assert [row.status for row in kept] == ["current", "next"]
    for database in databases:
        await database.close()


async def test_the_key_set_is_public_and_has_no_private_half(identity: Identity) -> None:
    response = await identity.client.get("/.well-known/jwks.json")
    keys = good(response)["keys"]
    assert len(keys) == 2
    assert all(set(key) == {"kty", "crv", "x", "kid", "use", "alg"} for key in keys)
    assert identity.key.kid in {key["kid"] for key in keys}
    assert "max-age" in response.headers["cache-control"]


async def test_a_rotation_is_told_with_the_next_sequence_and_erases_the_old_private_half(identity: Identity) -> None:
    identity.clock.advance(SETTLE)
    good(await rotate(identity))
    told = [told for told in await identity.told() if told.type == CHANGED]
    assert [t.sequence for t in told] == [1, 2]
    first, second = (t.body.keys for t in told)
    by_status = {key.status: key for key in second}
    assert by_status["current"].kid == next(key.kid for key in first if key.status == "next")
    assert by_status["retired"].kid == identity.key.kid
    assert by_status["retired"].retires_at == identity.clock.now() + timedelta(minutes=11)
    pairs = await identity.rows("SELECT kid FROM signing_key_pairs WHERE private_sealed IS NULL")
    assert [row.kid for row in pairs] == [identity.key.kid]
    kept = await identity.rows("SELECT kid, status, sequence FROM signing_keys")
    assert {(row.kid, row.status, row.sequence) for row in kept} == {(key.kid, key.status, 2) for key in second}
    assert (await identity.audited())[-1] == "signing_keys.rotated"


async def test_a_key_that_others_may_not_know_yet_is_not_put_to_use(identity: Identity) -> None:
    response = await rotate(identity)
    assert refusal(response)[:2] == (409, "next-key-too-young")
    assert 0 < int(response.headers["retry-after"]) <= 11
    identity.clock.advance(SETTLE)
    good(await rotate(identity))
    assert refusal(await rotate(identity))[1] == "next-key-too-young"


async def test_of_rotations_at_the_same_time_one_happens(identity: Identity) -> None:
    identity.clock.advance(SETTLE)
    answers = await asyncio.gather(*(rotate(identity) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert {refusal(answer)[1] for answer in answers if answer.status_code == 409} == {"next-key-too-young"}
    assert [told.sequence for told in await identity.told() if told.type == CHANGED] == [1, 2]


async def test_a_retired_key_leaves_the_set_after_its_tokens_have_expired(identity: Identity) -> None:
    first = identity.key.kid
    identity.clock.advance(SETTLE)
    good(await rotate(identity))
    identity.clock.advance(timedelta(minutes=12))
    published = good(await identity.client.get("/.well-known/jwks.json"))["keys"]
    assert first not in {key["kid"] for key in published}
    token = good(await identity.sign_in())["access_token"]
    response = await identity.client.post(
        "/signing-keys/rotate", json={"reason": "再次"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert [key["status"] for key in good(response)["keys"]] == ["retired", "current", "next"]
    withdrawn = await identity.rows("SELECT kid FROM signing_keys WHERE status = 'withdrawn'")
    assert [row.kid for row in withdrawn] == [first]


async def test_another_secret_key_is_found_out_when_the_service_is_prepared(identity: Identity) -> None:
    other = Vault.of(settings_for("", secret_key="another secret key of thirty-two bytes"))
    with pytest.raises(CannotUnseal):
        await prepare_signing_keys(identity.database, other.signing_keys, SETTLE)


async def test_only_administrators_rotate(identity: Identity) -> None:
    response = await identity.ask(an_actor("other_system"), "POST", "/signing-keys/rotate", {"reason": "x"})
    assert refusal(response)[0] == 403
