"""Sent events are kept for so many months and then go with their whole partition; unsent ones never go."""

from __future__ import annotations

import asyncpg
import pytest
from tests.conftest import MakeDatabase, MakeVhost
from tests.support.eventually import eventually
from tests.support.probe import Probe

OLD_PARTITIONS = """
CREATE TABLE outbox_2020_01 PARTITION OF outbox FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-02-01 00:00+00');
CREATE TABLE outbox_2020_02 PARTITION OF outbox FOR VALUES FROM ('2020-02-01 00:00+00') TO ('2020-03-01 00:00+00');
INSERT INTO outbox (recorded_at, id, type, subject, sequence, occurred_at, data, published_at, next_try_at)
VALUES ('2020-01-05 00:00+00', gen_random_uuid(), 'cec.probe.counted.v1', 'sent', 1, now(), '{"amount": 1}', now(), NULL),
       ('2020-02-05 00:00+00', gen_random_uuid(), 'cec.probe.counted.v1', 'kept', 1, now(), '{"amount": 1}', NULL, 'infinity');
"""


@pytest.fixture
async def probe(make_database: MakeDatabase, make_vhost: MakeVhost) -> Probe:
    vhosts = make_vhost()
    probe = await Probe.make(await make_database(None), vhosts.internal, vhosts.public)
    connection = await asyncpg.connect(probe.database.dsn)
    await connection.execute(OLD_PARTITIONS)
    await connection.close()
    return probe


async def test_a_month_older_than_kept_goes_unless_something_in_it_is_unsent(probe: Probe) -> None:
    async with probe.relaying(probe.relay(keep_months=12)) as relay:
        await eventually(lambda: relay.leading)
        await eventually(lambda: _subjects(probe, {"kept"}))
    await probe.close()


async def test_without_a_limit_nothing_goes(probe: Probe) -> None:
    async with probe.relaying() as relay:
        await eventually(lambda: relay.leading)
        await probe.say({"new": 1})
        await eventually(lambda: _subjects(probe, {"sent", "kept", "new"}))
    await probe.close()


async def _subjects(probe: Probe, expected: set[str]) -> bool:
    return {row["subject"] for row in await probe.fetch("SELECT subject FROM outbox")} == expected
