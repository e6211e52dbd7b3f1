"""A relay dies by `kill -9` at each failpoint it passes, and starts again: what was committed is sent, and counts once."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest
from tests.system.faults.town import Town, fetch, pairs

pytestmark = pytest.mark.system

RELAY = ("relay.after_claim", "relay.after_publish", "relay.after_confirm", "relay.after_mark")


@pytest.fixture(scope="module", autouse=True)
async def worker(town: Town) -> AsyncIterator[None]:
    async with town.running(("credits", "work")):
        yield
    await town.check_nobody_held_anything()


@pytest.mark.parametrize(("point", "nth"), pairs(*RELAY))
async def test_enrolments_relay_killed(town: Town, point: str, nth: int) -> None:
    dying = town.start("enrolment", "relay", CEC_FAILPOINT=f"{point}:{nth}:exit137")
    await town.live_until(lambda: dying.has_ended)
    assert dying.code == -signal.SIGKILL, dying.said()
    await _start_again_and_check(town)


@pytest.mark.parametrize("point", RELAY)
async def test_credits_relay_killed_which_tells_other_systems_too(town: Town, point: str) -> None:
    dying = town.start("credits", "relay", CEC_FAILPOINT=f"{point}:2:exit137")
    async with town.running(("enrolment", "relay")):
        await town.live_until(lambda: dying.has_ended)
    assert dying.code == -signal.SIGKILL, dying.said()
    await _start_again_and_check(town)


async def test_a_relay_that_stood_still_and_wakes_up_again_beside_its_successor_does_no_harm(town: Town) -> None:
    """A zombie leader: it believes that it still leads. At worst it sends something twice."""
    async with town.running(("enrolment", "relay")) as (zombie,):
        await town.live()
        await town.settle_relay()
        zombie.suspend()
        await _end_sessions_of_relays(town)  # what the server does by itself after 30 s of silence
        await town.live()
        async with town.running(("enrolment", "relay")):
            await town.settle_relay()
            zombie.resume()
            for _ in range(5):
                await town.live()
            await town.settle_relay()
    await _start_again_and_check(town)


async def _end_sessions_of_relays(town: Town) -> None:
    await fetch(
        town.enrolment_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'relay' AND datname = current_database()",
    )


async def _start_again_and_check(town: Town) -> None:
    async with town.running(("enrolment", "relay"), ("credits", "relay")):
        await town.settle()
    await town.check()
