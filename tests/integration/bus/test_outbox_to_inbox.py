"""The way of a message when all goes well."""

from __future__ import annotations

import pytest
from tests.support.eventually import eventually
from tests.support.probe import COUNTED, Counted, Probe, event


async def test_what_is_committed_arrives(probe: Probe) -> None:
    async with probe.working(), probe.relaying():
        await probe.say({f"s{i}": i for i in range(700)})
        await eventually(lambda: probe.has_counted(700), within=20)
    assert await probe.amounts() == {f"s{i}": i for i in range(700)}
    assert not await probe.fetch("SELECT 1 FROM outbox WHERE published_at IS NULL")


async def test_what_is_rolled_back_is_never_sent(probe: Probe) -> None:
    with pytest.raises(RuntimeError, match="the command fails"):
        await _fail_after_telling(probe)
    await probe.say({"kept": 1})
    async with probe.working(), probe.relaying():
        await eventually(lambda: probe.has_counted(1))
    assert set(await probe.amounts()) == {"kept"}


async def test_the_same_event_twice_counts_once(probe: Probe) -> None:
    twice = event("s", 5)
    await probe.send(twice, twice)
    await probe.send(twice)
    async with probe.working():
        await eventually(lambda: _taken(probe, 1))
        await eventually(lambda: _empty(probe))
    assert [tuple(r) for r in await probe.fetch("SELECT amount, times FROM counts")] == [(5, 1)]


async def test_older_news_that_arrives_late_changes_nothing(probe: Probe) -> None:
    await probe.send(event("s", 20, sequence=2), event("s", 10, sequence=1))
    async with probe.working():
        await eventually(lambda: _taken(probe, 2))
    assert await probe.amounts() == {"s": 20}


async def test_only_one_relay_leads_and_the_second_takes_over(probe: Probe) -> None:
    first, second = probe.relay(), probe.relay()
    async with probe.working(), probe.relaying(second):
        async with probe.relaying(first):
            await eventually(lambda: first.leading or second.leading)
            assert first.leading != second.leading
            await probe.say({"before": 1})
            await eventually(lambda: probe.has_counted(1))
        await eventually(lambda: second.leading)
        await probe.say({"after": 2})
        await eventually(lambda: probe.has_counted(2))


async def _fail_after_telling(probe: Probe) -> None:
    async with probe.database.transaction() as tx:
        tx.publish(COUNTED, subject="never", sequence=1, body=Counted(amount=1))
        await tx.flush()
        raise RuntimeError("the command fails")


async def _taken(probe: Probe, number: int) -> bool:
    return len(await probe.fetch("SELECT 1 FROM inbox")) == number


async def _empty(probe: Probe) -> bool:
    return await probe.waiting() == 0
