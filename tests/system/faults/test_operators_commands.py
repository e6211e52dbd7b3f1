"""What an operator types when something was parked or lost: `parked`, `redrive`, `discard`, `republish`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest
from tests.support.eventually import eventually
from tests.system.faults.obstruction import obstructed
from tests.system.faults.town import Town, fetch

pytestmark = pytest.mark.system


@pytest.fixture(scope="module", autouse=True)
async def life(town: Town) -> AsyncIterator[None]:
    async with town.running(("enrolment", "relay"), ("credits", "relay"), ("credits", "work")):
        await town.live()
        await town.settle()
        yield
    await town.check_nobody_held_anything()


async def test_parked_messages_are_listed_and_redriven_after_the_mend(town: Town) -> None:
    async with obstructed(town):
        await town.live()
        await eventually(lambda: _parked_in_table(town, 1), within=20, what="the ladder is exhausted")
        listed = await _parked(town, "--reason", "handler-failed")
    assert listed
    assert {(row["reason"], row["attempts"]) for row in listed} == {("handler-failed", 4)}
    assert all("by the test" in row["error"] for row in listed)
    await eventually(lambda: _ladder_is_empty(town))
    assert (await _say(town, "redrive", "--all", "--by", "the operator")).endswith(" messages redriven")
    await town.settle()
    await town.check()
    assert not await _parked(town)


async def test_one_poison_message_is_looked_at_and_discarded(town: Town) -> None:
    await town.send_poison()
    await eventually(lambda: _parked_in_table(town, 1))
    (row,) = await _parked(town, "--reason", "not-a-cloudevent")
    assert row["type"] == ""
    assert await _say(town, "redrive", row["id"]) == "1 messages redriven"  # nothing was mended
    await eventually(lambda: _parked_in_table(town, 1))
    (again,) = await _parked(town)
    assert again["times_parked"] == 2
    await _say(town, "discard", row["id"], "it never was an event")
    town.poison.clear()
    assert not await _parked(town)
    await town.settle()
    await town.check()


async def test_redrive_asks_to_be_told_which(town: Town) -> None:
    refused = await town.run("credits", "redrive")
    assert refused.code == 2
    assert "--all" in refused.said()


async def test_a_lost_ledger_is_rebuilt_by_republish_and_comes_to_the_same(town: Town) -> None:
    connection = await asyncpg.connect(town.credits_url)
    await connection.execute("TRUNCATE ledger_entries")
    await connection.close()
    sent = await town.run("enrolment", "republish", "--to", "credits")
    assert sent.code == 0, sent.said()
    assert sent.said().strip().endswith("events sent to credits.replay")
    await eventually(lambda: _is_rebuilt(town), within=20)
    await town.settle()
    await town.check()


async def _parked(town: Town, *arguments: str) -> list[dict[str, Any]]:
    lines = (await _say(town, "parked", *arguments)).splitlines()
    return [msgspec.json.decode(line) for line in lines if line.startswith("{")]


async def _say(town: Town, *arguments: str) -> str:
    """What credits' command answers; it must succeed."""
    command = await town.run("credits", *arguments)
    assert command.code == 0, command.said()
    return command.said().strip()


async def _parked_in_table(town: Town, number: int) -> bool:
    return len(await fetch(town.credits_url, "SELECT 1 FROM parked_messages WHERE state = 'parked'")) >= number


async def _ladder_is_empty(town: Town) -> bool:
    return not any((await town.depths()).values())


async def _is_rebuilt(town: Town) -> bool:
    sent = await fetch(town.enrolment_url, "SELECT 1 FROM outbox")
    return len(await fetch(town.credits_url, "SELECT 1 FROM ledger_entries")) == len(sent)
