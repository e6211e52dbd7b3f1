"""From where somebody signs in, in our own words; one-time codes and counts of passkeys without a database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from ipaddress import ip_address

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cec_identity.lockout.domain import LONGEST_WAIT, Kind, policies
from cec_identity.one_time_codes.domain import new_recovery_codes, new_secret, recovery_digest, step_of_code
from cec_identity.passkeys.domain import looks_copied
from cec_identity.sign_in.admission import Admission, SignInBusy
from cec_identity.sign_in.visit import OTHER, Visit, device_label

NOW = datetime(2026, 3, 2, 4, 0, 10, tzinfo=UTC)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0"
CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/17.5 Safari/604.1"
FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0"


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (EDGE, "Edge · Windows"),
        (CHROME, "Chrome · Android"),
        (SAFARI, "Safari · iOS"),
        (FIREFOX, "Firefox · macOS"),
        ("curl/8.0 (Linux)", "Linux"),
        ("", OTHER),
    ],
)
def test_browsers_are_told_apart(agent: str, label: str) -> None:
    assert device_label(agent) == label


@given(st.text())
def test_no_word_of_the_caller_gets_into_a_label(agent: str) -> None:
    known = {"Edge", "Opera", "Firefox", "Chrome", "Safari", "iOS", "Android", "Windows", "macOS", "ChromeOS", "Linux"}
    assert device_label(agent) == OTHER or set(device_label(agent).split(" · ")) <= known


@pytest.mark.parametrize(
    ("address", "masked", "neighbourhood"),
    [
        ("203.0.113.77", "203.0.113.*", "203.0.113.77"),
        ("2001:db8:1:2:3::4", "2001:db8:1:*", "2001:db8:1:2::/64"),
        ("::1", "0:0:0:*", "::/64"),
    ],
)
def test_addresses_are_masked_and_ipv6_counts_by_network(address: str, masked: str, neighbourhood: str) -> None:
    visit = Visit(ip_address(address), "")
    assert (visit.address_masked, visit.neighbourhood) == (masked, neighbourhood)


def test_a_code_belongs_to_its_step_and_its_neighbours() -> None:
    secret = new_secret()
    here = int(NOW.timestamp()) // 30
    generator = pyotp.TOTP(secret)
    found = [step_of_code(secret, generator.generate_otp(here + off), NOW) for off in (-2, -1, 0, 1, 2)]
    assert found[1:4] == [here - 1, here, here + 1]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "٣٣٣٣٣٣"])
def test_what_is_no_code_belongs_to_none(code: str) -> None:
    assert step_of_code(new_secret(), code, NOW) is None


def test_recovery_codes_are_random_and_forgive_typing() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in codes)
    assert recovery_digest(codes[0]) == recovery_digest(codes[0].upper().replace("-", " ")) != recovery_digest(codes[1])


@pytest.mark.parametrize(
    ("known", "told", "copied"),
    [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_count_that_does_not_grow_tells_of_a_copy(known: int, told: int, copied: bool) -> None:
    assert looks_copied(known, told) is copied


def test_no_policy_waits_longer_than_its_failures_are_remembered() -> None:
    for kind, policy in policies(200).items():
        if kind is not Kind.EVERYBODY:
            assert policy.first_wait <= LONGEST_WAIT < policy.forgotten_after


def test_places_are_given_back_and_some_are_kept_for_known_devices() -> None:
    admission = Admission(4)
    with admission.place(known_device=False), admission.place(known_device=False), admission.place(known_device=False):
        with pytest.raises(SignInBusy) as busy, admission.place(known_device=False):
            pass
        assert busy.value.headers == {"Retry-After": "2"}
        with admission.place(known_device=True), pytest.raises(SignInBusy), admission.place(known_device=True):
            pass
    with admission.place(known_device=False):
        pass


async def test_known_devices_go_first_and_a_turn_is_never_lost() -> None:
    admission = Admission(16, at_once=1)
    order: list[str] = []

    async def check(name: str, *, known: bool) -> None:
        async with admission.turn(known_device=known):
            order.append(name)
            await asyncio.sleep(0)

    async with admission.turn(known_device=False):
        waiting = [asyncio.create_task(check(f"stranger {n}", known=False)) for n in range(3)]
        waiting += [asyncio.create_task(check(f"known {n}", known=True)) for n in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == ["known 0", "known 1", "stranger 1", "stranger 2"]
    await asyncio.wait_for(check("late", known=False), 1)


async def test_a_turn_that_comes_to_somebody_who_has_gone_is_handed_on() -> None:
    admission = Admission(16, at_once=1)

    async def check() -> None:
        async with admission.turn(known_device=False):
            await asyncio.sleep(0)

    first = asyncio.create_task(check())
    await asyncio.sleep(0)
    second = asyncio.create_task(check())
    await asyncio.sleep(0)
    await first  # the second one's turn has come, and it has not yet noticed
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.wait_for(check(), 1)


async def test_strangers_never_have_the_last_two_connections_and_too_many_are_told_to_come_again() -> None:
    admission, leave = Admission(2, connections=5), asyncio.Event()
    having: list[str] = []

    async def look(who: str, *, brings_token: bool) -> None:
        async with admission.first_look(brings_token=brings_token):
            having.append(who)
            await leave.wait()

    strangers = [asyncio.create_task(look("stranger", brings_token=False)) for _ in range(4)]
    tokens = [asyncio.create_task(look("token", brings_token=True)) for _ in range(3)]
    await asyncio.sleep(0)
    assert sorted(having) == ["stranger"] * 3 + ["token"]
    with pytest.raises(SignInBusy):
        await look("one more", brings_token=False)
    async with admission.connection(known_device=True):
        pass  # a device that is known waits for nobody
    leave.set()
    await asyncio.gather(*strangers, *tokens)
    async with admission.connection(known_device=False):
        pass
