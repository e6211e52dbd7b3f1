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
from tests.component.identity.hashing import Counted
from tests.component.identity.strangers import statements
from tests.conftest import MakeDatabase

from cec_chassis.database import engine
from cec_identity.lockout.domain import LONGEST_WAIT
from cec_identity.lockout.guard import Lockout
from cec_identity.lockout.store import forget_failures
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.visit import Visit
from cec_identity.vault import Vault

WRONG = "a wrong password"
OWED = "proof-of-work-required"


async def enter(
    identity: Identity,
    name: str = "Administrator-1",
    password: str = PASSWORD,
    *,
    address: str = "203.0.113.7",
    prove: bool = False,
    proven_by: str | None = None,
    device: str | None = None,
) -> httpx.Response:
    body: dict[str, Any] = {"name": name, "password": password}
    if prove or proven_by:
        body["proof_of_work"] = proven_by or await proof(identity)
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


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a row waits as long as a test may take, however busy the machine is."""
    monkeypatch.setitem(engine.SERVER_SETTINGS, "lock_timeout", "60000")


@pytest.mark.usefixtures("_patient")
async def test_strangers_who_wait_for_one_row_leave_connections_to_the_owner(make_database: MakeDatabase) -> None:
    """All strangers are counted in one row. While it is slow they must not wait there with every connection."""
    url = await make_database("identity")
    service = await Identity.on(url, settings_for(url))
    device = good(await enter(service))["device_token"]
    slugs: list[str] = []

    async def guess(number: int, device: str | None = None) -> None:
        answer = await enter(service, f"victim-{number}", WRONG, address=f"198.18.0.{number}", device=device)
        slugs.append(refusal(answer)[1])

    elsewhere = service.runtime.database("worker")  # a pool of its own

    async def waiting() -> int:
        async with elsewhere.reading() as tx:
            return int(
                await tx.scalar(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
            )

    async with asyncio.TaskGroup() as flood, elsewhere.housekeeping() as slow:
        await slow.execute("SELECT FROM sign_in_failures WHERE kind = 'everybody' FOR UPDATE")
        for number in range(50):
            flood.create_task(guess(number))
            flood.create_task(guess(number, f"made up {number}"))
        async with asyncio.timeout(60):
            while await waiting() < 3:
                await asyncio.sleep(0.05)
        for _ in range(3):
            good(await enter(service, device=device))
        assert await waiting() >= 3
    assert set(slugs) <= {"sign-in-failed", "proof-of-work-required", "sign-in-busy"}
    await service.close()


async def test_while_everybody_owes_a_proof_an_attempt_without_one_costs_the_database_nothing(cheap: Identity) -> None:
    for number in range(21):
        await charged(cheap, lockout_of(cheap), f"victim-{number}", "203.0.113.7")
    asked = []
    for number in range(3):
        cheap.clock.advance(timedelta(seconds=number and 0.4))
        with statements(cheap) as sql:
            assert refusal(await enter(cheap, f"other-{number}", WRONG, address="203.0.113.8"))[1] == OWED
        asked.append(len(sql))
        with statements(cheap) as sql:
            assert refusal(await enter(cheap, f"other-{number}", WRONG, proven_by="made up"))[1] == OWED
        asked.append(len(sql))
    assert asked[0] > 0
    assert asked[1:] == [0] * 5
    good(await enter(cheap, prove=True))
    cheap.clock.advance(timedelta(seconds=1))
    with statements(cheap) as sql:
        assert refusal(await enter(cheap, "other", WRONG))[1] == OWED
    assert sql, "other replicas may have let it pass meanwhile"


class Flood:
    """Guesses at a hundred a second, whatever becomes of them: all that are due are sent, also those that a busy machine
    was late for. Each comes from another address, and every tenth goes to the owner's account."""

    def __init__(self, identity: Identity, **brings: str) -> None:
        self._identity = identity
        self._brings: dict[str, Any] = dict(brings)
        self._over = False
        self.count = 0
        self.seconds = 0.0
        self.slugs: list[str] = []

    def end(self) -> None:
        """After this moment, and not before six hundred."""
        self._over = True

    async def run(self, group: asyncio.TaskGroup) -> None:
        begun = time.perf_counter()
        while not (self._over and self.count >= 600):
            self.seconds = time.perf_counter() - begun
            while self.count < 100 * self.seconds:
                group.create_task(self._guess(self.count))
                self.count += 1
            await asyncio.sleep(0.01)

    async def sent(self, number: int) -> None:
        while self.count < number:
            await asyncio.sleep(0.05)

    async def _guess(self, number: int) -> None:
        name = f"victim-{number}" if number % 10 else "Administrator-1"
        address = f"198.{18 + number // 65_536}.{number // 256 % 256}.{number % 256}"
        self.slugs.append(refusal(await enter(self._identity, name, WRONG, address=address, **self._brings))[1])


@pytest.mark.parametrize("brings", [{}, {"device": "made up"}, {"proven_by": "made up"}], ids=str)
@pytest.mark.usefixtures("at_full_cost")
async def test_stuffing_at_100_a_second_is_refused_while_others_sign_in_at_normal_speed(
    cheap: Identity, monkeypatch: pytest.MonkeyPatch, brings: dict[str, str]
) -> None:
    """What is refused unseen is told by the work of argon2, not by the clock."""
    device = good(await enter(cheap, address="192.0.2.1"))["device_token"]
    await cheap.account("newcomer")
    quiet = min([await _seconds(cheap, device) for _ in range(3)])
    counted, flood = Counted(monkeypatch), Flood(cheap, **brings)
    async with asyncio.TaskGroup() as group:
        group.create_task(flood.run(group))
        await flood.sent(300)  # until what everybody may fail at is used up
        during = [await _seconds(cheap, device) for _ in range(5)]
        # whoever comes for the first time pays with a proof of work, and gets in as well, if need be the second time
        for _ in range(20):
            newcomer = await enter(cheap, "newcomer", address="192.0.2.3", prove=True)
            if newcomer.status_code != 503:
                break
            await asyncio.sleep(float(newcomer.headers["retry-after"]))
        good(newcomer)
        flood.end()
    assert flood.count / flood.seconds >= 90
    assert len(flood.slugs) == flood.count
    assert set(flood.slugs) <= {"sign-in-failed", "proof-of-work-required", "sign-in-busy"}
    assert 1 <= (failed := flood.slugs.count("sign-in-failed")) <= 20
    assert len(counted.asked) == failed + len(during) + 1
    assert sorted(during)[2] < max(10 * quiet, 5), (quiet, during)
    cheap.clock.advance(timedelta(minutes=1))
    assert await fail(cheap, 1, "somebody-else", address="192.0.2.2") == ["sign-in-failed"]


async def _seconds(identity: Identity, device: str) -> float:
    begun = time.perf_counter()
    good(await enter(identity, address="192.0.2.1", device=device))
    return time.perf_counter() - begun
