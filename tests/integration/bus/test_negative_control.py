"""The invariants can see loss and doubling: consumers that are wrong on purpose make them fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from aiormq.abc import DeliveredMessage
from tests.integration.bus.conftest import MakeProbe
from tests.support.eventually import eventually
from tests.support.probe import Probe, event

from cec_chassis.bus import session
from cec_chassis.bus.consumer import Consumer
from cec_chassis.bus.delivery import Delivery, acknowledge
from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction

ADD = """
INSERT INTO tallies AS t (subject, total) VALUES (:subject, :amount)
ON CONFLICT (subject) DO UPDATE SET total = t.total + excluded.total
"""
EXPECTED = {f"s{i}": i + 1 for i in range(20)}
BODIES = [event(subject, amount) for subject, amount in EXPECTED.items()]


class Adding:
    """A handler that adds up, so that a doubled event shows; the first time it dies before it has finished."""

    def __init__(self) -> None:
        self.dying = asyncio.Event()

    async def __call__(self, tx: Transaction, events: Sequence[Received[Any]]) -> None:
        for e in events:
            await tx.execute(ADD, subject=e.subject, amount=e.body.amount)
        if not self.dying.is_set():
            self.dying.set()
            await asyncio.sleep(60)


class AcknowledgesFirst(Consumer):
    """What `auto_ack` amounts to."""

    async def _settle_batch(self, messages: list[DeliveredMessage]) -> None:
        await acknowledge(messages[-1], multiple=True)
        await self._try([self._decoder.decode(message) for message in messages])


class HasNoInbox(Consumer):
    """Believes that the broker delivers once."""

    async def _unseen(self, tx: Transaction, deliveries: Sequence[Delivery]) -> list[Delivery]:
        return list(deliveries)


async def exactly_once(probe: Probe) -> None:
    """What was committed is what was counted, once."""
    counted = {row["subject"]: row["total"] for row in await probe.fetch("SELECT subject, total FROM tallies")}
    assert counted == EXPECTED


async def die_in_the_middle(probe: Probe, handler: Adding) -> None:
    """The consumer dies in the middle of its first batch and starts again."""
    await probe.send(*BODIES)
    dying = asyncio.create_task(probe.bus_worker().run(asyncio.Event()))
    await handler.dying.wait()
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying


async def hear_everything_twice(probe: Probe, handler: Adding) -> None:
    """As after a confirm that was lost."""
    handler.dying.set()
    await probe.send(*BODIES, *BODIES)


Scenario = Callable[[Probe, Adding], Awaitable[None]]


async def live_through(scenario: Scenario, make_probe: MakeProbe) -> Probe:
    handler = Adding()
    probe = await make_probe(handler=handler)
    await probe.fetch("CREATE TABLE tallies (subject text PRIMARY KEY, total integer)")
    await scenario(probe, handler)
    async with probe.working():
        await eventually(probe.is_quiet)
    return probe


@pytest.mark.parametrize("scenario", [die_in_the_middle, hear_everything_twice])
async def test_our_consumer_counts_exactly_once(make_probe: MakeProbe, scenario: Scenario) -> None:
    await exactly_once(await live_through(scenario, make_probe))


@pytest.mark.parametrize(
    ("wrong", "scenario"), [(AcknowledgesFirst, die_in_the_middle), (HasNoInbox, hear_everything_twice)]
)
async def test_a_wrong_consumer_is_found_out(
    make_probe: MakeProbe, monkeypatch: pytest.MonkeyPatch, wrong: type[Consumer], scenario: Scenario
) -> None:
    monkeypatch.setattr(session, "Consumer", wrong)
    probe = await live_through(scenario, make_probe)
    with pytest.raises(AssertionError):
        await exactly_once(probe)
