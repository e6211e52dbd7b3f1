"""What a claim of the relay costs does not depend on how much waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import asyncpg
import msgspec
import pytest
from tests.support.probe import Probe

from cec_chassis.outbox.append import BULK
from cec_chassis.outbox.claims import BATCH, CLAIM
from cec_chassis.outbox.relay import SESSION

WAITING = 3_000


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


async def most_rows_read(probe: Probe, settings: dict[str, str]) -> float:
    """By the step of a claim that reads the most."""
    connection = await asyncpg.connect(probe.database.dsn, server_settings=settings)
    try:
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {CLAIM.replace('$1', str(BATCH))}")
    finally:
        await connection.close()
    [explained] = msgspec.json.decode(text)
    return max(float(node["Actual Rows"] * node["Actual Loops"]) for node in nodes(explained["Plan"]))


@pytest.fixture
async def behind(probe: Probe) -> Probe:
    """Much waits of either kind that no statistics know of yet."""
    await probe.say({f"waiting {i}": i for i in range(WAITING)})
    for start in range(0, WAITING, BULK):
        await probe.say({f"single {i}": i for i in range(start, start + BULK)})
    return probe


async def test_a_claim_reads_no_more_than_it_takes(behind: Probe) -> None:
    assert await most_rows_read(behind, SESSION) <= 2 * BATCH


async def test_without_the_settings_of_the_session_it_would_read_everything(behind: Probe) -> None:
    """The measure can see what it guards against."""
    assert await most_rows_read(behind, {}) >= WAITING
