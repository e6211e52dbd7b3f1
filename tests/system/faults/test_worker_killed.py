"""Credits' worker dies by `kill -9` at each failpoint it passes, and starts again: everything counts exactly once."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest
from tests.system.faults.obstruction import obstructed
from tests.system.faults.town import Town, pairs

pytestmark = pytest.mark.system

CONSUMER = (
    "consumer.before_transaction",
    "consumer.after_inbox",
    "consumer.after_write",
    "command.before_commit",
    "consumer.after_commit",
)
RECALCULATION = ("recalculation.after_claim", "recalculation.before_commit", "recalculation.after_commit")


@pytest.fixture(scope="module", autouse=True)
async def relays(town: Town) -> AsyncIterator[None]:
    async with town.running(("enrolment", "relay"), ("credits", "relay")):
        yield
    await town.check_nobody_held_anything()


@pytest.mark.parametrize(("point", "nth"), pairs(*CONSUMER, *RECALCULATION))
async def test_killed_while_taking_in_or_recalculating(town: Town, point: str, nth: int) -> None:
    dying = town.start("credits", "work", CEC_FAILPOINT=f"{point}:{nth}:exit137")
    await town.live_until(lambda: dying.has_ended)
    assert dying.code == -signal.SIGKILL, dying.said()
    await _start_again_and_check(town)


async def test_killed_while_declaring_queues(town: Town) -> None:
    dying = town.start("credits", "work", CEC_FAILPOINT="topology.during_declare:1:exit137")
    await town.live_until(lambda: dying.has_ended)
    assert dying.code == -signal.SIGKILL, dying.said()
    await _start_again_and_check(town)


@pytest.mark.parametrize(("point", "nth"), pairs("consumer.after_park_publish", "parking.after_commit"))
async def test_killed_while_parking_poison(town: Town, point: str, nth: int) -> None:
    """Parking holds exactly the poison afterwards, each message once."""
    dying = town.start("credits", "work", CEC_FAILPOINT=f"{point}:{nth}:exit137")
    while not dying.has_ended:
        await town.live()
        await town.send_poison()
    assert dying.code == -signal.SIGKILL, dying.said()
    await _start_again_and_check(town)


@pytest.mark.parametrize(("point", "nth"), pairs("consumer.after_retry_publish"))
async def test_killed_between_retry_and_acknowledgement(town: Town, point: str, nth: int) -> None:
    """The message is then on the retry ladder and in the queue; the cause of the retry passes meanwhile."""
    async with obstructed(town):
        dying = town.start("credits", "work", CEC_FAILPOINT=f"{point}:{nth}:exit137")
        await town.live_until(lambda: dying.has_ended)
    assert dying.code == -signal.SIGKILL, dying.said()
    await _start_again_and_check(town)


async def _start_again_and_check(town: Town) -> None:
    async with town.running(("credits", "work")):
        await town.settle()
    await town.check()
