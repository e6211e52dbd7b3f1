"""However the end of a connection shows, worker and relay live on; and when they are told to end, they do."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg
import pytest
from tests.support.eventually import eventually
from tests.support.probe import Probe, event

from cec_chassis.bus import session
from cec_chassis.bus.consumer import Consumer
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.topology import declare_consumer
from cec_chassis.outbox import relay as relaying

STRANGE: list[type[BaseException]] = [
    asyncio.CancelledError,  # of the library's own tasks
    StopAsyncIteration,  # out of the library's frame reader
    asyncpg.InternalClientError,  # the driver's "another operation is in progress"
    ConnectionResetError,
    RuntimeError,
    KeyError,
]


class FailsTwice:
    """Stands before a method and fails the first two calls."""

    def __init__(self, honest: Any, error: type[BaseException]) -> None:
        self.honest = honest
        self.error = error
        self.failures = 0

    def method(self) -> Any:
        async def call(*arguments: Any, **more: Any) -> Any:
            if self.failures < 2:
                self.failures += 1
                raise self.error("strange")
            return await self.honest(*arguments, **more)

        return call


@pytest.mark.parametrize("error", STRANGE)
async def test_a_worker_and_a_relay_live_on(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    taking_in = FailsTwice(Consumer._settle_batch, error)
    connecting = FailsTwice(declare_consumer, error)
    opening = FailsTwice(relaying._Outlets._open, error)
    monkeypatch.setattr(Consumer, "_settle_batch", taking_in.method())
    monkeypatch.setattr(session, "declare_consumer", connecting.method())
    monkeypatch.setattr(relaying._Outlets, "_open", opening.method())
    await probe.say({"s": 1})
    async with probe.working(), probe.relaying():
        await eventually(lambda: probe.has_counted(1), within=20)
    assert (taking_in.failures, connecting.failures, opening.failures) == (2, 2, 2)


async def test_a_relay_lives_on_when_sending_fails_while_the_last_rows_are_in_flight(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case in which Python 3.11 counts a cancellation too many; the next stray one would then end the relay."""
    publishing = FailsTwice(ConfirmedPublisher.publish, ConnectionResetError)
    opening = FailsTwice(relaying._Outlets._open, asyncio.CancelledError)
    opening.failures = 2
    monkeypatch.setattr(ConfirmedPublisher, "publish", publishing.method())
    monkeypatch.setattr(relaying._Outlets, "_open", opening.method())
    async with probe.relaying(), probe.working():
        await probe.say({"first": 1})
        await eventually(lambda: publishing.failures == 2, within=20)
        opening.failures = 0
        await probe.say({"second": 1})
        await eventually(lambda: probe.has_counted(2), within=20)


@pytest.mark.parametrize("error", [asyncio.CancelledError, ConnectionResetError])
async def test_they_end_when_they_are_told_to_even_after_strange_failures(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    taking_in = FailsTwice(Consumer._settle_batch, error)
    monkeypatch.setattr(Consumer, "_settle_batch", taking_in.method())
    await probe.send(event("s", 1))
    tasks = [
        asyncio.create_task(probe.bus_worker().run(asyncio.Event())),
        asyncio.create_task(probe.relay().run(asyncio.Event())),
    ]
    await eventually(lambda: probe.has_counted(1), within=20)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)
        assert task.cancelled()
