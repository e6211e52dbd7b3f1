"""Proof of work: challenges are solved as a browser would, and nothing but a fresh solution of ours is taken."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from altcha import Challenge, Payload, solve_challenge
from tests.component.identity.conftest import Identity, good

from cec_chassis.problems import TooManyRequests
from cec_identity.proof_of_work.limits import Limit, Limiter
from cec_identity.proof_of_work.proof import LIFETIME, ProofOfWork, ProofRequired, ProofSpent, Purpose
from cec_identity.proof_of_work.store import forget_expired
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault


def service_of(identity: Identity) -> ProofOfWork:
    settings = identity.runtime.settings
    assert isinstance(settings, IdentitySettings)
    return ProofOfWork(settings, Vault.of(settings))


async def solved(identity: Identity, purpose: str = "recovery", **changes: Any) -> str:
    """A proof as a client sends it; `changes` are made to the parameters after it was solved."""
    challenge = good(await identity.ask(None, "POST", "/proof-of-work", {"purpose": purpose}))
    known = Challenge.from_dict(challenge)
    solution = solve_challenge(known)
    assert solution is not None
    sent = Payload(known, solution).to_dict()
    sent["challenge"]["parameters"] |= changes
    return base64.b64encode(json.dumps(sent).encode()).decode()


async def test_a_solved_challenge_lets_through_once(identity: Identity) -> None:
    proof_of_work, proof = service_of(identity), await solved(identity)
    await proof_of_work.require(identity.database, proof, Purpose.RECOVERY)
    with pytest.raises(ProofSpent):
        await proof_of_work.require(identity.database, proof, Purpose.RECOVERY)


async def test_a_proof_for_something_else_is_refused_and_not_spent(identity: Identity) -> None:
    proof_of_work, proof = service_of(identity), await solved(identity)
    with pytest.raises(ProofRequired):
        await proof_of_work.require(identity.database, proof, Purpose.ACTIVATION)
    await proof_of_work.require(identity.database, proof, Purpose.RECOVERY)


async def test_a_proof_is_too_late_after_ten_minutes(identity: Identity) -> None:
    proof_of_work, proof = service_of(identity), await solved(identity)
    identity.clock.advance(LIFETIME)
    with pytest.raises(ProofRequired):
        await proof_of_work.require(identity.database, proof, Purpose.RECOVERY)


@pytest.mark.parametrize(
    "changes",
    [
        {"cost": 2},
        {"keyPrefix": ""},
        {"data": {"purpose": "recovery", "until": 4_000_000_000}},
        {"data": {"purpose": "activation", "until": 1}},
        {"expiresAt": 4_000_000_000},
        {"nonce": "00" * 16},
        {"__proto__": {}},
    ],
)
async def test_a_challenge_that_was_tampered_with_is_refused(identity: Identity, changes: dict[str, Any]) -> None:
    proof = await solved(identity, **changes)
    if changes.keys() == {"__proto__"}:  # not read, so not signed, so nothing was changed
        return await service_of(identity).require(identity.database, proof, Purpose.RECOVERY)
    with pytest.raises(ProofRequired):
        await service_of(identity).require(identity.database, proof, Purpose.RECOVERY)
    return None


@pytest.mark.parametrize(
    "proof",
    [
        None,
        "",
        "no base64 at all",
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b'"text"').decode(),
        base64.b64encode(b"{}").decode(),
        base64.b64encode(b'{"challenge": [], "solution": 1}').decode(),
        base64.b64encode(b'{"challenge": {"parameters": "x"}, "solution": {"counter": 1}}').decode(),
        base64.b64encode(b"[" * 900).decode(),
        base64.b64encode(b"9" * 2900).decode(),
        base64.b64encode("﷽".encode("utf-16")).decode(),
        "A" * 5000,
    ],
)
async def test_what_is_no_proof_is_refused(identity: Identity, proof: str | None) -> None:
    with pytest.raises(ProofRequired):
        await service_of(identity).require(identity.database, proof, Purpose.RECOVERY)


async def test_an_unknown_counter_is_no_solution(identity: Identity) -> None:
    challenge = Challenge.from_dict(good(await identity.ask(None, "POST", "/proof-of-work", {"purpose": "recovery"})))
    for solution in (
        {"counter": 0, "derivedKey": "00" * 32},
        {"counter": "0", "derivedKey": 7},
        {"counter": -1, "derivedKey": ""},
    ):
        sent = {"challenge": challenge.to_dict(), "solution": solution}
        proof = base64.b64encode(json.dumps(sent).encode()).decode()
        with pytest.raises(ProofRequired):
            await service_of(identity).require(identity.database, proof, Purpose.RECOVERY)


async def test_spent_proofs_are_forgotten_when_they_would_be_too_late_anyway(identity: Identity) -> None:
    await service_of(identity).require(identity.database, await solved(identity), Purpose.RECOVERY)
    identity.clock.advance(LIFETIME + timedelta(seconds=1))
    async with identity.database.transaction() as tx:
        assert await forget_expired(tx) == 1
    assert await identity.rows("SELECT nonce FROM spent_proofs") == []


async def test_a_limit_counts_each_subject_by_itself_and_begins_anew(identity: Identity) -> None:
    settings = identity.runtime.settings
    assert isinstance(settings, IdentitySettings)
    limiter, limit = Limiter(Vault.of(settings)), Limit("test", 3, timedelta(minutes=5))
    for _ in range(3):
        await limiter.require(identity.database, (limit, "somebody"))
    identity.clock.advance(timedelta(minutes=1))
    with pytest.raises(TooManyRequests) as refused:
        await limiter.require(identity.database, (limit, "somebody"))
    assert refused.value.headers == {"Retry-After": "240"}
    assert refused.value.detail == "請求過於頻繁，請於 4 分鐘後再試 / Too many requests; try again in 4 min"
    await limiter.require(identity.database, (limit, "somebody else"))
    identity.clock.advance(timedelta(minutes=4))
    await limiter.require(identity.database, (limit, "somebody"))
    stored = await identity.rows("SELECT subject FROM attempts")
    assert all(b"somebody" not in row.subject for row in stored)
