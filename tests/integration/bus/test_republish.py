"""A service rebuilds its narrow copy from the publisher's kept outbox, and whoever commits late is not passed over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from aio_pika.exceptions import DeliveryError
from tests.integration.bus.conftest import MakeProbe
from tests.support.eventually import eventually
from tests.support.probe import COUNTED, Counted, Probe

from cec_chassis.clock import SystemClock
from cec_chassis.database import Transaction
from cec_chassis.outbox import republish as republishing
from cec_chassis.outbox.republish import republish


async def again(probe: Probe, *, to: str = "probe", **more: object) -> int:
    """Sends what the probe has kept."""
    return await republish(
        service="probe",
        dsn=probe.database.dsn,
        amqp_url=probe.amqp_url,
        to=to,
        types=more.pop("types", [COUNTED.name]),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


async def test_a_wiped_copy_is_rebuilt_and_the_other_consumer_hears_nothing(
    make_probe: MakeProbe, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(republishing, "PAGE", 50)  # several pages
    other = await make_probe(beside=probe, service="other")
    expected = {f"s{i}": i for i in range(120)}
    async with probe.relaying(), probe.working(), other.working():
        await probe.say(dict.fromkeys(expected, 0))
        await probe.say(expected, sequence=2)
        await eventually(lambda: _has_heard(probe, 240))
        await eventually(lambda: _has_heard(other, 240))
        await other.fetch("UPDATE counts SET amount = -1, sequence = 0")
        await probe.fetch("DELETE FROM counts")
        assert await again(probe) == 240
        await eventually(lambda: _is(probe, expected))
        await eventually(other.is_quiet)
    assert await _has_heard(other, 240)
    assert set((await other.amounts()).values()) == {-1}


async def test_live_news_during_a_rebuild_is_not_undone_by_older_replayed_news(probe: Probe) -> None:
    await probe.say({"s": 1})
    async with probe.relaying(), probe.working():
        await eventually(lambda: _is(probe, {"s": 1}))
        await probe.say({"s": 2}, sequence=2)
        await eventually(lambda: _is(probe, {"s": 2}))
        await again(probe)
        await eventually(probe.is_quiet)
    assert await probe.amounts() == {"s": 2}


async def test_only_the_chosen_types_and_times_are_sent(probe: Probe) -> None:
    await probe.say({"s": 1})
    assert await again(probe, types=["cec.probe.other.v1"]) == 0
    assert await again(probe, since=SystemClock().now() + timedelta(hours=1)) == 0
    assert await again(probe, since=SystemClock().now() - timedelta(hours=1)) == 1


async def test_a_consumer_that_never_started_is_an_error_and_not_a_silent_loss(probe: Probe) -> None:
    await probe.say({"s": 1})
    with pytest.raises(DeliveryError):
        await again(probe, to="nobody")


async def test_a_row_that_commits_after_a_later_one_is_sent_by_the_relay(probe: Probe) -> None:
    """Positions are given out before commit. A relay that remembers "the last one sent" would never look back."""
    async with probe.relaying(), probe.working():
        async with probe.database.transaction() as late:
            await _tell(late, "late")
            await probe.say({"early": 2})
            await eventually(lambda: _is(probe, {"early": 2}))
            assert await _positions(probe) == ["early"]
        await eventually(lambda: _is(probe, {"early": 2, "late": 1}))
    assert await _positions(probe) == ["late", "early"]


async def test_what_was_committed_is_replayed_however_long_another_transaction_stays_open(probe: Probe) -> None:
    """It was sent long ago, so no live message will bring it: leaving it out would lose it for the rebuilt copy."""
    async with _open_transaction(probe), probe.relaying(), probe.working():
        await probe.say({"committed": 1})
        await eventually(lambda: _is(probe, {"committed": 1}))
        await probe.fetch("DELETE FROM counts")
        assert await again(probe) == 1
        await eventually(lambda: _is(probe, {"committed": 1}))


async def test_what_commits_while_the_replay_runs_comes_by_itself(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its position lies before what was replayed already; the replay leaves it to the relay, and nothing is missing."""
    monkeypatch.setattr(republishing, "PAGE", 1)
    async with probe.relaying(), probe.working():
        async with probe.database.transaction() as late:
            await _tell(late, "late")
            await probe.say({"one": 1})
            await probe.say({"two": 2})
            await eventually(lambda: _is(probe, {"one": 1, "two": 2}))
            await probe.fetch("DELETE FROM counts")
            assert await again(probe) == 2
        await eventually(lambda: _is(probe, {"late": 1, "one": 1, "two": 2}))


async def _tell(tx: Transaction, subject: str) -> None:
    """The row is written and has its position, and the transaction stays open."""
    tx.publish(COUNTED, subject=subject, sequence=1, body=Counted(amount=1))
    assert await tx.flush()


async def _positions(probe: Probe) -> list[str]:
    return [row["subject"] for row in await probe.fetch("SELECT subject FROM outbox ORDER BY seq")]


async def _has_heard(probe: Probe, number: int) -> bool:
    return len(await probe.fetch("SELECT 1 FROM inbox")) == number


async def _is(probe: Probe, expected: dict[str, int]) -> bool:
    return await probe.amounts() == expected


@asynccontextmanager
async def _open_transaction(probe: Probe) -> AsyncIterator[None]:
    """Somebody who has written something, and takes their time."""
    connection = await asyncpg.connect(probe.database.dsn)
    try:
        async with connection.transaction():
            await connection.execute("CREATE TABLE something_unrelated ()")
            yield
    finally:
        await connection.close()
