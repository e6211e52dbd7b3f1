"""The broker is short of memory and takes no publishes (trap A4): what is in it is still worked off, the rest waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.conftest import MakeDatabase
from tests.support.eventually import eventually
from tests.support.probe import Probe, count, event

from cec_chassis.bus import publisher
from cec_chassis.bus.connection import connected
from cec_chassis.bus.faults import Unprocessable
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_local.rabbitmq import EmbeddedRabbit

pytestmark = pytest.mark.system


@asynccontextmanager
async def memory_alarm(node: EmbeddedRabbit) -> AsyncIterator[None]:
    """The node believes that its memory is full; only for the block."""
    await asyncio.to_thread(node.ctl, "set_vm_memory_high_watermark", "0.00001")
    try:
        yield
    finally:
        await asyncio.to_thread(node.ctl, "set_vm_memory_high_watermark", "0.4")


def held(node: EmbeddedRabbit) -> int:
    """Messages in the probe's live queue, delivered and unacknowledged ones included."""
    return node.admin.messages("alarm")[QueueNames("probe").events]


async def test_during_an_alarm_publishing_times_out_consuming_goes_on_and_afterwards_everything_counts_once(
    own_rabbit: EmbeddedRabbit, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "PUBLISH_TIMEOUT_SECONDS", 1.0)
    alarmed = asyncio.Event()

    async def after_the_alarm(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        await alarmed.wait()
        if any(e.body.amount < 0 for e in events):
            raise Unprocessable("negative-amount", "never")
        await count(tx, events)

    url = await asyncio.to_thread(own_rabbit.create_vhost, "alarm")
    probe = await Probe.make(await make_database(None), url, url, handler=after_the_alarm)
    await probe.send(event("poison", -1), *(event(f"in the queue {i}", i) for i in range(20)))
    async with probe.working(), probe.relaying() as relay:
        await eventually(lambda: relay.leading)
        async with memory_alarm(own_rabbit):
            async with connected(url, "test") as connection:
                trial = await ConfirmedPublisher.on(connection, "")
                with pytest.raises(TimeoutError):
                    await trial.publish(b"x", routing_key="nobody", message_id=new_id())  # it may arrive later
            await probe.say({f"committed {i}": i for i in range(20)})
            alarmed.set()
            await eventually(lambda: probe.has_counted(20), what="what is in the broker is worked off")
            await eventually(
                lambda: held(own_rabbit) == 1, what="and acknowledged; only the poison cannot be put aside"
            )
            await asyncio.sleep(1.5)  # the relay has tried in vain
            assert not await probe.is_published()
        await eventually(lambda: probe.has_counted(40), within=60)
        await eventually(probe.is_quiet, within=60)
        await eventually(lambda: probe.has_parked(1))
    assert {row["times"] for row in await probe.fetch("SELECT times FROM counts")} == {1}
    assert not await probe.fetch("SELECT 1 FROM outbox WHERE attempts > 0"), (
        "an alarm is nothing the rows are to blame for"
    )
    await probe.close()
