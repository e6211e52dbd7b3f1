"""NOTIFY wakes the relay soon; it is never part of the business transaction, and nothing depends on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.support.eventually import eventually
from tests.support.probe import COUNTED, Counted, Probe

from cec_chassis.outbox import relay as relaying
from cec_chassis.outbox.signal import CHANNEL, DEBOUNCE_SECONDS


class Ear:
    """Who has sent notifications so far, by the number of the server process."""

    def __init__(self) -> None:
        self.senders: list[int] = []

    def hear(self, _connection: object, sender: int, _channel: str, _payload: object) -> None:
        self.senders.append(sender)


@pytest.fixture
async def ear(probe: Probe) -> AsyncIterator[Ear]:
    ear = Ear()
    connection = await asyncpg.connect(probe.database.dsn)
    await connection.add_listener(CHANNEL, ear.hear)
    yield ear
    await connection.close()


async def test_the_wake_up_comes_from_another_connection_than_the_commit(probe: Probe, ear: Ear) -> None:
    committers = set()
    for number in range(5):
        async with probe.database.transaction() as tx:
            committers.add(await tx.scalar("SELECT pg_backend_pid()"))
            tx.publish(COUNTED, subject=f"s{number}", sequence=1, body=Counted(amount=1))
        await asyncio.sleep(DEBOUNCE_SECONDS * 2)
    await eventually(lambda: len(ear.senders) >= 2)
    assert not committers & set(ear.senders)


async def test_many_commits_at_once_are_one_or_a_few_wake_ups(probe: Probe, ear: Ear) -> None:
    begun = time.monotonic()
    for number in range(60):
        await probe.say({f"s{number}": 1})
    took = time.monotonic() - begun
    await eventually(lambda: len(ear.senders) >= 1)
    assert len(ear.senders) <= took / DEBOUNCE_SECONDS + 2


async def test_nobody_is_woken_by_a_transaction_without_news_or_by_a_rolled_back_one(probe: Probe, ear: Ear) -> None:
    async with probe.database.transaction() as tx:
        await tx.execute("SELECT 1")
    with pytest.raises(RuntimeError):
        await _roll_back(probe)
    await asyncio.sleep(DEBOUNCE_SECONDS * 5)  # that nothing happens can only be shown by waiting
    assert not ear.senders
    await probe.say({"news": 1})
    await eventually(lambda: len(ear.senders) == 1)


async def test_a_commit_is_relayed_at_once_although_the_poll_is_far_away(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "POLL_SECONDS", 60.0)
    async with probe.relaying() as relay:
        await eventually(lambda: relay.leading)
        await probe.say({"first": 1})
        await eventually(probe.is_published)
        await asyncio.sleep(0.1)  # the relay waits again
        await probe.say({"second": 1})
        took = await eventually(probe.is_published)
    assert took < 5


async def test_a_lost_wake_up_costs_no_more_than_the_poll(probe: Probe) -> None:
    async with probe.relaying() as relay:
        await eventually(lambda: relay.leading)
        await probe.say({"first": 1})
        await eventually(probe.is_published)
        await probe.fetch(
            "INSERT INTO outbox (id, type, subject, sequence, occurred_at, data)"
            " VALUES (gen_random_uuid(), $1, 'silent', 1, now(), '{\"amount\": 1}')",
            COUNTED.name,
        )
        took = await eventually(probe.is_published)
    assert took < relaying.POLL_SECONDS + 1.5


async def test_a_signal_that_cannot_be_sent_neither_fails_the_commit_nor_delays_the_next(probe: Probe) -> None:
    await probe.say({"first": 1})
    await probe.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query = $1 AND pid <> pg_backend_pid()",
        f"NOTIFY {CHANNEL}",
    )
    async with probe.relaying():
        await probe.say({"second": 1})
        await eventually(probe.is_published)


async def _roll_back(probe: Probe) -> None:
    async with probe.database.transaction() as tx:
        tx.publish(COUNTED, subject="never", sequence=1, body=Counted(amount=1))
        await tx.flush()
        raise RuntimeError("rolled back")
