"""Many events at once do not delay single ones: they leave beside one another and travel in lanes of their own."""

from __future__ import annotations

from tests.support.eventually import eventually
from tests.support.probe import Probe

from cec_chassis.outbox.relay import BATCH, BULK

PUBLISHED = "SELECT subject, sequence, published_at FROM outbox ORDER BY published_at, seq"


async def test_what_one_command_tells_in_bulk_takes_the_slow_lane(probe: Probe) -> None:
    await probe.say({f"of a file {i}": i for i in range(BATCH)})
    await probe.say({f"of a form {i}": i for i in range(BULK)})
    async with probe.relaying():
        await eventually(probe.is_published, within=20)
    assert await probe.waiting(probe.names.replay) == BATCH
    assert await probe.waiting(probe.names.events) == BULK
    async with probe.working():
        await eventually(lambda: probe.has_counted(BATCH + BULK), within=20)


async def test_a_single_event_does_not_wait_until_a_file_before_it_is_sent(probe: Probe) -> None:
    await probe.say({f"of a file {i}": i for i in range(5 * BATCH)})
    await probe.say({"single": 1})
    async with probe.relaying():
        await eventually(probe.is_published, within=30)
    sent = [row["subject"] for row in await probe.fetch(PUBLISHED)]
    assert sent.index("single") < BATCH


async def test_news_of_one_subject_is_sent_in_its_order(probe: Probe) -> None:
    middle = 2 * BATCH
    await probe.say({("twice" if i == middle else f"of a file {i}"): i for i in range(5 * BATCH)})
    await probe.say({"twice": 7}, sequence=2)
    async with probe.relaying():
        await eventually(probe.is_published, within=30)
    assert [row["sequence"] for row in await probe.fetch(PUBLISHED) if row["subject"] == "twice"] == [1, 2]
