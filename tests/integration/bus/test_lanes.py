"""Many events at once do not delay single ones: they leave beside one another and travel in lanes of their own."""

from __future__ import annotations

from functools import partial

from tests.support.eventually import eventually
from tests.support.monotonic import Monotonic
from tests.support.probe import COUNTED, Counted, Probe

from cec_chassis.outbox.append import BULK
from cec_chassis.outbox.claims import BATCH, Claims
from cec_chassis.outbox.pace import ALONE_AFTER_SECONDS, Pace

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


async def test_a_single_event_in_the_midst_of_a_file_is_found(probe: Probe) -> None:
    """Positions are given out when rows are written: whoever commits while a file is being written stands among its rows."""
    half = 4 * BATCH
    async with probe.database.transaction() as file:
        for number in range(2 * half):
            file.publish(COUNTED, subject=f"of a file {number}", sequence=1, body=Counted(amount=number))
            if number == half:
                await file.flush()
                await probe.say({"single": 1})
    async with probe.relaying():
        await eventually(probe.is_published, within=30)
    sent = [row["subject"] for row in await probe.fetch(PUBLISHED)]
    assert sent.index("single") < 2 * BATCH


async def test_a_file_between_two_others_is_no_heap_of_single_events(probe: Probe) -> None:
    for name in ("first", "second", "third"):
        await probe.say({f"of the {name} file {i}": i for i in range(3 * BATCH)})
    async with probe.relaying():
        await eventually(probe.is_published, within=30)
    assert await probe.waiting(probe.names.replay) == 9 * BATCH
    assert await probe.waiting(probe.names.events) == 0


async def test_a_single_event_between_files_is_found_at_once(probe: Probe) -> None:
    for name in ("first", "second", "third"):
        await probe.say({f"of the {name} file {i}": i for i in range(3 * BATCH)})
    await probe.say({"single": 1})
    await probe.say({f"of the last file {i}": i for i in range(3 * BATCH)})
    async with probe.relaying():
        await eventually(probe.is_published, within=30)
    sent = [row["subject"] for row in await probe.fetch(PUBLISHED)]
    assert sent.index("single") < 2 * BATCH
    assert await probe.waiting(probe.names.events) == 1


async def test_however_many_files_wait_all_are_sent_in_the_slow_lane(probe: Probe) -> None:
    """Two rows of each subject, as credits tells of a standing."""
    files, subjects = 70, 20
    for number in range(files):
        async with probe.database.transaction() as tx:
            for sequence in (1, 2):
                for i in range(subjects):
                    tx.publish(COUNTED, subject=f"{i} of file {number}", sequence=sequence, body=Counted(amount=i))
    async with probe.relaying():
        await eventually(probe.is_published, within=60)
    assert await probe.waiting(probe.names.replay) == files * 2 * subjects
    assert await probe.waiting(probe.names.events) == 0


async def test_a_single_event_is_not_held_up_by_others_that_wait_for_a_file(probe: Probe) -> None:
    await probe.say({f"of a file {i}": i for i in range(5 * BATCH)})
    await probe.say({f"of a file {i}": i for i in range(5 * BATCH - BULK, 5 * BATCH)}, sequence=2)
    await probe.say({"single": 1})
    async with probe.relaying():
        await eventually(probe.is_published, within=30)
    sent = [row["subject"] for row in await probe.fetch(PUBLISHED)]
    assert sent.index("single") < BATCH


async def test_a_file_is_sent_to_its_end_though_single_events_slow_it_down(probe: Probe) -> None:
    time = Monotonic()
    await probe.say({f"of a file {i}": i for i in range(4 * BATCH)})
    await probe.say({"single 0": 0})
    async with probe.relaying(probe.relay(claims=Claims(Pace(per_second=100, now=time)))):
        for number in range(1, 20):
            await probe.say({f"single {number}": number})
            await eventually(partial(probe.is_sent, f"single {number}"), within=20, what="a single event is sent")
            time.pass_by(ALONE_AFTER_SECONDS / 10)
        assert not await probe.is_published(), "bulk waits while single events come"
        assert await probe.is_sent("of a file 0"), "but not all of it"
        time.pass_by(2 * ALONE_AFTER_SECONDS)
        await eventually(probe.is_published, within=30)


async def test_news_of_one_subject_is_sent_in_its_order(probe: Probe) -> None:
    middle = 2 * BATCH
    await probe.say({("twice" if i == middle else f"of a file {i}"): i for i in range(5 * BATCH)})
    await probe.say({"twice": 7}, sequence=2)
    async with probe.relaying():
        await eventually(probe.is_published, within=30)
    assert [row["sequence"] for row in await probe.fetch(PUBLISHED) if row["subject"] == "twice"] == [1, 2]


async def test_what_the_broker_has_refused_holds_up_no_later_news_of_its_subject(probe: Probe) -> None:
    await probe.say({("refused" if i == 0 else f"of a file {i}"): i for i in range(BATCH)})
    await probe.fetch("UPDATE outbox SET next_try_at = now() + interval '1 hour' WHERE subject = 'refused'")
    await probe.say({"refused": 7}, sequence=2)
    async with probe.relaying():
        await eventually(partial(probe.is_sent, "refused"), within=20, what="the later news is sent")


async def test_single_events_that_waited_for_a_file_do_not_slow_it_down(probe: Probe) -> None:
    """Corrections of an import: each may go as soon as its row has gone, and all were recorded long ago."""
    await probe.say({f"of a file {i}": i for i in range(4 * BATCH)})
    for i in range(0, 4 * BATCH, 20):
        await probe.say({f"of a file {i}": i}, sequence=2)
    await probe.fetch("UPDATE outbox SET recorded_at = recorded_at - interval '1 minute'")
    async with probe.relaying(probe.relay(claims=Claims(Pace(per_second=1, now=Monotonic())))):
        await eventually(probe.is_published, within=20)
