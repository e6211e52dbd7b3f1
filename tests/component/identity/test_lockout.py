"""What failed sign-ins cost: guesses are stopped, whoever owns the account gets in."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import httpx
import pytest
from altcha import Challenge, Payload, solve_challenge
from tests.component.identity.conftest import PASSWORD, Identity, good, refusal, settings_for
from tests.conftest import MakeDatabase

from cec_identity.lockout.domain import LONGEST_WAIT
from cec_identity.lockout.guard import Lockout
from cec_identity.lockout.store import forget_failures
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.visit import Visit
from cec_identity.vault import Vault

WRONG = "a wrong password"


async def enter(
    identity: Identity,
    name: str = "Administrator-1",
    password: str = PASSWORD,
    *,
    address: str = "203.0.113.7",
    prove: bool = False,
    device: str | None = None,
) -> httpx.Response:
    body: dict[str, Any] = {"name": name, "password": password}
    if prove:
        body["proof_of_work"] = await proof(identity)
    if device:
        body["device_token"] = device
    return await identity.ask(None, "POST", "/sign-in", body, {"X-Real-IP": address})


async def proof(identity: Identity) -> str:
    """What a browser does for a second."""
    given = good(await identity.ask(None, "POST", "/proof-of-work", {"purpose": "sign-in"}))
    challenge = Challenge.from_dict({"parameters": given["parameters"], "signature": given["signature"]})
    solution = await asyncio.to_thread(solve_challenge, challenge)
    assert solution is not None
    return Payload(challenge=challenge, solution=solution).to_base64()


@pytest.fixture
async def cheap(make_database: MakeDatabase) -> Any:
    """Proofs that cost little, and few of everybody's failures are usual."""
    url = await make_database("identity")
    identity = await Identity.on(url, settings_for(url, proof_of_work_cost=5, sign_in_failures_per_minute=20))
    yield identity
    await identity.close()


async def fail(identity: Identity, times: int, name: str = "Administrator-1", **how: Any) -> list[str]:
    return [refusal(await enter(identity, name, WRONG, **how))[1] for _ in range(times)]


@pytest.mark.parametrize("name", ["Administrator-1", "nobody-at-all"])
async def test_failures_cost_a_proof_then_waits_that_double_whoever_the_name_belongs_to(
    cheap: Identity, name: str
) -> None:
    assert await fail(cheap, 6, name) == ["sign-in-failed"] * 5 + ["proof-of-work-required"]
    assert await fail(cheap, 5, name, prove=True) == ["sign-in-failed"] * 5
    waits = []
    for _ in range(7):
        waiting = await enter(cheap, name, WRONG, prove=True)
        assert refusal(waiting)[:2] == (429, "too-many-attempts")
        waits.append(int(waiting.headers["retry-after"]))
        cheap.clock.advance(timedelta(seconds=waits[-1]))
        assert await fail(cheap, 1, name, prove=True) == ["sign-in-failed"]
    assert waits == [31, 61, 121, 241, 481, 901, 901]
    assert waits[-1] <= LONGEST_WAIT.total_seconds() + 1


async def test_attempts_made_while_waiting_do_not_prolong_it_and_the_right_password_ends_it(cheap: Identity) -> None:
    await fail(cheap, 5)
    await fail(cheap, 5, prove=True)
    for _ in range(20):
        assert refusal(await enter(cheap, prove=False))[1] == "too-many-attempts"
    cheap.clock.advance(timedelta(seconds=31))
    assert refusal(await enter(cheap))[1] == "proof-of-work-required"
    good(await enter(cheap, prove=True))
    assert await fail(cheap, 5) == ["sign-in-failed"] * 5


async def test_guesses_sent_at_once_are_counted_each(cheap: Identity) -> None:
    answers = await asyncio.gather(*(enter(cheap, password=WRONG, address=f"203.0.113.{n}") for n in range(20)))
    slugs = [refusal(answer)[1] for answer in answers]
    assert slugs.count("sign-in-failed") <= 5


async def test_two_replicas_share_the_count_and_a_restart_forgets_nothing(cheap: Identity) -> None:
    await fail(cheap, 3)
    database_url = cheap.runtime.settings.database_url
    replica = await Identity.on(database_url, settings_for(database_url, proof_of_work_cost=5))
    assert await fail(replica, 3) == ["sign-in-failed"] * 2 + ["proof-of-work-required"]
    await replica.close()


async def test_the_owner_gets_in_from_a_known_device_while_others_guess(cheap: Identity) -> None:
    device = good(await enter(cheap))["device_token"]
    await fail(cheap, 5, address="198.51.100.9")
    await fail(cheap, 5, address="198.51.100.9", prove=True)
    assert refusal(await enter(cheap, address="192.0.2.1"))[1] == "too-many-attempts"
    again = good(await enter(cheap, device=device, address="198.51.100.9"))
    assert again["device_token"] is None
    # the device is no way round: its own failures cost the same
    assert await fail(cheap, 6, device=device) == ["sign-in-failed"] * 5 + ["proof-of-work-required"]
    await cheap.account("another-one")
    assert refusal(await enter(cheap, device="made up"))[1] == "too-many-attempts"


async def test_a_device_of_one_account_is_a_stranger_to_another(cheap: Identity) -> None:
    device = good(await enter(cheap))["device_token"]
    await cheap.account("another-one")
    await fail(cheap, 5, "another-one")
    assert refusal(await enter(cheap, "another-one", device=device))[1] == "proof-of-work-required"


async def test_one_address_that_tries_many_names_is_held_back_and_others_are_not(identity: Identity) -> None:
    """Counted without argon2: the charge is what is tested, and two hundred hashes take a minute."""
    lockout = lockout_of(identity)
    for number in range(60):
        await charged(identity, lockout, f"name-{number}", "203.0.113.7")
    assert refusal(await enter(identity, "name-61", WRONG))[1] == "proof-of-work-required"
    assert refusal(await enter(identity, "name-61", WRONG, address="203.0.113.8"))[1] == "sign-in-failed"
    good(await enter(identity, address="203.0.113.8"))
    for number in range(140):
        await charged(identity, lockout, f"name-{number + 100}", "203.0.113.7")
    assert refusal(await enter(identity, "name-400", WRONG))[1] == "too-many-attempts"
    # the whole network of an IPv6 caller is one address
    for number in range(51):
        await charged(identity, lockout, f"name-{number + 500}", f"2001:db8::{number:x}")
    assert refusal(await enter(identity, "name-7", address="2001:db8::ffff"))[1] == "proof-of-work-required"
    identity.clock.advance(timedelta(hours=1, minutes=16))
    assert refusal(await enter(identity, "name-401", WRONG))[1] == "sign-in-failed"


def lockout_of(identity: Identity) -> Lockout:
    settings = identity.runtime.settings
    assert isinstance(settings, IdentitySettings)
    return Lockout(settings, Vault.of(settings))


async def charged(identity: Identity, lockout: Lockout, name: str, address: str) -> None:
    """A failure, with a proof of work if one was due."""
    async with identity.database.transaction() as tx:
        await lockout.charge(tx, lockout.of_password(name, Visit(ip_address(address), ""), None), proven=True)


async def test_a_proof_is_good_for_one_attempt(cheap: Identity) -> None:
    await fail(cheap, 5)
    body = {"name": "Administrator-1", "password": WRONG, "proof_of_work": await proof(cheap)}
    assert refusal(await cheap.ask(None, "POST", "/sign-in", body))[1] == "sign-in-failed"
    assert refusal(await cheap.ask(None, "POST", "/sign-in", body))[1] == "proof-of-work-spent"


async def test_neither_names_nor_addresses_stand_in_the_table(cheap: Identity) -> None:
    await fail(cheap, 1, "a-secret-typed-here")
    kept = await cheap.rows("SELECT kind, subject FROM sign_in_failures ORDER BY kind")
    assert [row.kind for row in kept] == ["account", "address", "everybody"]
    assert not any(b"secret" in row.subject or b"203" in row.subject for row in kept)
    cheap.clock.advance(timedelta(hours=25))
    async with cheap.database.transaction() as tx:
        assert await forget_failures(tx) == 3


@pytest.mark.usefixtures("at_full_cost")
async def test_stuffing_at_100_a_second_is_refused_while_others_sign_in_at_normal_speed(cheap: Identity) -> None:
    """From a thousand addresses at a thousand names, so that neither name nor address is ever tried twice."""
    device = good(await enter(cheap, address="192.0.2.1"))["device_token"]
    await cheap.account("newcomer")
    quiet = min([await _seconds(cheap, device) for _ in range(3)])
    answers: list[str] = []

    async def guess(number: int) -> None:
        response = await enter(cheap, f"victim-{number}", WRONG, address=f"198.18.{number // 250}.{number % 250}")
        answers.append(refusal(response)[1])

    async def flood() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(600):
                group.create_task(guess(number))
                await asyncio.sleep(0.01)

    flooding = asyncio.create_task(flood())
    await asyncio.sleep(3)  # until what everybody may fail at is used up
    during = [await _seconds(cheap, device) for _ in range(5)]
    # whoever comes for the first time pays with a proof of work, and gets in as well
    good(await enter(cheap, "newcomer", address="192.0.2.3", prove=True))
    await flooding
    assert answers.count("sign-in-failed") <= 20
    assert set(answers) <= {"sign-in-failed", "proof-of-work-required", "sign-in-busy", "temporarily-unavailable"}
    assert sorted(during)[2] < max(6 * quiet, 3), (quiet, during)
    cheap.clock.advance(timedelta(minutes=1))
    assert await fail(cheap, 1, "somebody-else", address="192.0.2.2") == ["sign-in-failed"]


async def _seconds(identity: Identity, device: str) -> float:
    begun = time.perf_counter()
    good(await enter(identity, address="192.0.2.1", device=device))
    return time.perf_counter() - begun
